package pomona.djl;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import pomona.Networks;
import pomona.graph.Attribute;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;

class OperatorTimesTest {

    @Test
    void runsThatWereHeldUpDoNotCount() {
        // Three to warm up, then eight: the middle half of them is 4, 4, 5, 5.
        List<Double> once = List.of(90.0, 50.0, 9.0, 4.0, 4.0, 4.0, 3.0, 5.0, 5.0, 5.0, 900.0);
        assertThat(OperatorTimes.middle(once, 8)).isEqualTo(4.5);
        List<Double> twice = new ArrayList<>();
        once.forEach(time -> {
            twice.add(time);
            twice.add(1.0);
        });
        assertThat(OperatorTimes.middle(twice, 8)).isEqualTo(5.5);
        assertThat(OperatorTimes.middle(List.of(90.0, 50.0, 9.0, 7.0), 1)).isEqualTo(7);
    }

    @Test
    void convolutionsInTheRuntimesOwnLayoutAreTheirOwn() {
        NetworkBuilder builder = Network.builder("residual").input("x", 1, 16, 24, 24);
        String value = "x";
        for (String name : List.of("c1", "c2", "c3")) {
            builder.weight(name + ".w", Networks.random(name.charAt(1), 144, 16, 16, 3, 3))
                    .node(Node.of("Conv", name, List.of(value, name + ".w"), name + ".out")
                            .with("pads", Attribute.ofInts(1, 1, 1, 1)));
            boolean adds = name.equals("c3");
            if (adds) {
                builder.node("Add", List.of("c1.relu", "c3.out"), "c3.sum");
            }
            builder.node("Relu", List.of(adds ? "c3.sum" : name + ".out"), name + ".relu");
            value = name + ".relu";
        }
        Network network = builder.node(Node.of("MaxPool", "pool", List.of("c3.relu"), "p")
                        .with("kernel_shape", Attribute.ofInts(2, 2))
                        .with("strides", Attribute.ofInts(2, 2)))
                .node("Flatten", List.of("p"), "y")
                .output("y", 1, 2304)
                .build();
        Map<String, Double> times =
                OperatorTimes.measureFused(network, Map.of("x", Networks.uniform(1, -1, 1, 1, 16, 24, 24)), 5, 1);
        // Sums and Relus are inside, and the empty name has what moves values between layouts.
        assertThat(times).containsOnlyKeys("", "c1.out", "c2.out", "c3.out", "p", "y");
        assertThat(List.of(times.get("c1.out"), times.get("c2.out"), times.get("c3.out")))
                .allMatch(time -> time > times.get("y"));
    }
}
