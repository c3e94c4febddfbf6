package pomona.jupyter.render;

import java.util.List;
import java.util.Map;
import java.util.Random;
import pomona.graph.Network;
import pomona.graph.Step;
import pomona.graph.Tensor;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.plotly.components.Axis;
import tech.tablesaw.plotly.components.Figure;
import tech.tablesaw.plotly.components.Layout;
import tech.tablesaw.plotly.traces.ScatterTrace;

/** Values to show in tests. */
final class Samples {

    /** A text that does harm wherever it is not escaped. */
    static final String HOSTILE = "<script>alert(\"x\")</script>&'\\";

    private Samples() {}

    static Network network(String name) {
        Random random = new Random(1);
        float[] first = new float[784 * 300];
        for (int i = 0; i < first.length; i++) {
            first[i] = random.nextInt(10) == 0 ? (float) random.nextGaussian() : 0;
        }
        return Network.builder(name)
                .input("image", "batch", 784)
                .weight("fc1.weight", Tensor.ofFloats(first, 784, 300))
                .weight("fc1.bias", Tensor.ofFloats(new float[300], 300))
                .node("MatMul", List.of("image", "fc1.weight"), "product")
                .node("Add", List.of("product", "fc1.bias"), "sum")
                .node("Relu", List.of("sum"), "features")
                .output("features", "batch", 300)
                .build();
    }

    static Network hostileNetwork() {
        return network(HOSTILE).withStep(new Step(HOSTILE, Map.of(HOSTILE, HOSTILE)));
    }

    static Table table(String name) {
        return Table.create(
                name,
                StringColumn.create("network", "lenet", "pruned", HOSTILE),
                LongColumn.create("parameters", 266610L, 266610L, 12L),
                DoubleColumn.create("error", 0.0161234567891, 0.5, Double.NaN));
    }

    static Figure figure(String title, String series) {
        return new Figure(
                Layout.builder(title)
                        .xAxis(Axis.builder().title("size in KB").build())
                        .yAxis(Axis.builder().title("test error in %").build())
                        .build(),
                ScatterTrace.builder(new double[] {1, 2, 3}, new double[] {3, 1, 2})
                        .name(series)
                        .build());
    }
}
