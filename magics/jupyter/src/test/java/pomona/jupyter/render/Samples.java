package pomona.jupyter.render;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import pomona.evaluate.Sensitivity;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Step;
import pomona.graph.Tensor;
import pomona.quantize.LayerScheme;
import pomona.quantize.MixedPrecision;
import pomona.quantize.MixedPrecision.LayerCost;
import pomona.quantize.MixedPrecision.Trial;
import pomona.quantize.MixedPrecisionQuantization.Order;
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

    /** A search for the smallest mix of all schemes in four layers, and what it tried. */
    static MixedPrecision search() {
        Network network = network("lenet");
        List<String> layers = List.of("c1", "c2", "fc1", "fc2");
        List<LayerScheme> schemes = List.of(
                LayerScheme.STATIC,
                LayerScheme.DYNAMIC,
                LayerScheme.WEIGHT_ONLY,
                LayerScheme.INT4,
                LayerScheme.FLOAT16);
        List<LayerCost> costs = new ArrayList<>();
        Map<String, LayerScheme> mix = new LinkedHashMap<>();
        for (String layer : layers) {
            mix.put(layer, schemes.get(mix.size() + 1));
            for (LayerScheme scheme : schemes) {
                costs.add(new LayerCost(
                        layer, scheme, -0.04 + costs.size() / 80.0, 1e-5, 338_500 - 20_000 * costs.size()));
            }
        }
        Trial floats = new Trial(Map.of(), 2.62, 424_900, Double.NaN, Double.NaN, true);
        Trial wrong = new Trial(Map.of("c1", LayerScheme.INT4), 2.84, 70_800, Double.NaN, Double.NaN, false);
        Trial chosen = new Trial(mix, 2.58, 71_100, 64.8, 45.1, true);
        return new MixedPrecision(
                network,
                floats,
                chosen,
                List.of(floats, wrong, chosen),
                costs,
                Order.MEASURED,
                List.of(),
                Double.NaN,
                Double.NaN);
    }

    /** A scan of the projections of an encoder's blocks, each of which has an error or a ratio of its own. */
    static Sensitivity sensitivity(int blocks, Sensitivity.Measure measure) {
        NetworkBuilder builder = Network.builder("encoder").input("x", "batch", 4);
        List<String> weights = new ArrayList<>();
        String from = "x";
        for (int block = 0; block < blocks; block++) {
            for (String part : List.of("attention/self/query", "attention/output/dense", "output/dense")) {
                String weight = "onnx::MatMul_" + weights.size();
                String to = "h" + weights.size();
                weights.add(weight);
                builder.weight(weight, Tensor.ofFloats(new float[16], 4, 4));
                builder.node(Node.of(
                        "MatMul", "/encoder/layer." + block + "/" + part + "/MatMul", List.of(from, weight), to));
                from = to;
            }
        }
        Network network = builder.output(from, "batch", 4).build();
        double asItIs = measure.moreIsBetter() ? Double.POSITIVE_INFINITY : 1.52;
        return new Sensitivity(
                        network,
                        weights,
                        List.of(8.0),
                        (layer, level) -> network.named(layer),
                        changed -> changed == network ? asItIs : value(weights.indexOf(changed.name()), measure),
                        Sensitivity.Level.BITS,
                        measure)
                .run();
    }

    private static double value(int place, Sensitivity.Measure measure) {
        return measure.moreIsBetter() ? 20 + place * 7 % 31 : 1.52 + (place * 7 % 11 - 2) / 20.0;
    }
}
