package pomona.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import pomona.ExportedNetworks;
import pomona.djl.RuntimeSession;

/** The types and sizes of all values of exported networks, from those of the inputs alone, are those of a run. */
class ExportedShapesTest {

    @ParameterizedTest
    @MethodSource("pomona.ExportedNetworks#names")
    void everyValueHasTheShapeThatIsInferred(String name) {
        Network network = ExportedNetworks.read(name);
        Network bare = network.toBuilder().values(List.of()).build();
        Map<String, Value> inferred = ShapeInference.of(bare);
        List<Value> all = new ArrayList<>();
        for (Node node : bare.nodes()) {
            for (String output : node.outputs()) {
                Value value = inferred.get(output);
                assertThat(value).as(output).isNotNull();
                assertThat(value.shape()).as(output).isNotNull().doesNotContain(Dimension.UNKNOWN);
                // What Range makes of a size alone, ONNX Runtime's Java interface does not hand out.
                if (!node.is("Range")) {
                    all.add(value);
                }
            }
        }
        Network told = bare.toBuilder().outputs(all).build();
        Map<String, Tensor> values;
        try (RuntimeSession session = RuntimeSession.open(told, 1)) {
            values = session.run(ExportedNetworks.feeds(network, 3, 5));
        }
        assertThat(values).hasSize(all.size());
        for (Value value : all) {
            Tensor actual = values.get(value.name());
            long[] sizes = value.shape().stream()
                    .mapToLong(dimension -> dimension.at(symbol -> symbol.equals("batch") ? 3 : 5))
                    .toArray();
            assertThat(actual.shape()).as(value.toString()).isEqualTo(sizes);
            assertThat(actual.type()).as(value.name()).isEqualTo(value.type());
        }
    }
}
