package pomona.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import pomona.Equality;
import pomona.Networks;
import pomona.distill.SoftTargetDistillation;
import pomona.djl.IdxDataset;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.onnx.Onnx;
import pomona.pass.Pass;
import pomona.pass.PassBinding;
import pomona.prune.MagnitudePruning;
import pomona.train.Descent;
import pomona.train.FineTuning;
import pomona.train.Schedule;
import pomona.train.Trained;
import pomona.train.Training;

class WeightSharingQuantizationTest {

    /** y = x W, so that feeding the unit matrix gives the weight as ONNX Runtime makes it. */
    private static Network linear(Tensor weight) {
        return Network.builder("linear")
                .input("x", "batch", weight.dim(0))
                .weight("w", weight)
                .node("MatMul", List.of("x", "w"), "y")
                .output("y", "batch", weight.dim(1))
                .build();
    }

    private static float[] weightOf(Network network, int rows) {
        float[] unit = new float[rows * rows];
        for (int i = 0; i < rows; i++) {
            unit[i * rows + i] = 1;
        }
        return Equality.run(network, Map.of("x", Tensor.ofFloats(unit, rows, rows)));
    }

    /** Two clusters that anyone can see: their means are 2 and 11 whichever way it starts. */
    @ParameterizedTest
    @CsvSource({"LINEAR", "DENSITY", "RANDOM"})
    void sharesTheMeansOfClusters(CentroidStart start) {
        Tensor weight = Tensor.ofFloats(new float[] {1, 10, 2, 11, 3, 12}, 3, 2);
        Network shared = linear(weight).apply(new WeightSharingQuantization(1).withStart(start));

        assertThat(weightOf(shared, 3)).containsExactly(2, 11, 2, 11, 2, 11);
        assertThat(shared.weight("w.codebook").toFloatArray()).containsExactly(2, 11);
        assertThat(shared.weight("w.packed").toLongArray()).containsExactly(0b101010);
    }

    @ParameterizedTest
    @CsvSource({"BYTES, 3", "PACKED, 1", "PACKED, 2", "PACKED, 3", "PACKED, 4", "PACKED, 8", "GAPS, 3", "GAPS, 8"})
    void keepsZerosInEveryLayout(IndexLayout layout, int bits) {
        float[] values = Networks.random(3, 9, 37, 41).toFloatArray();
        for (int i = 0; i < values.length; i++) {
            // Gaps of more than a byte, and of more than two.
            values[i] = i % 7 == 0 && i % 900 < 200 || i == 1500 ? values[i] : 0;
        }
        Network shared =
                linear(Tensor.ofFloats(values, 37, 41)).apply(new WeightSharingQuantization(bits).withLayout(layout));

        float[] made = weightOf(shared, 37);
        IndexedWeight expected =
                IndexedWeight.cluster("w", Tensor.ofFloats(values, 37, 41), layout, bits, CentroidStart.LINEAR, 0);
        TreeSet<Float> different = new TreeSet<>();
        for (int i = 0; i < values.length; i++) {
            if (values[i] == 0) {
                assertThat(made[i]).isZero();
            } else {
                assertThat(made[i]).isEqualTo(expected.codebook()[expected.indices()[i] - 1 & 0xFF]);
                different.add(made[i]);
            }
        }
        assertThat(different.size()).isBetween(1, layout == IndexLayout.GAPS ? 1 << bits : (1 << bits) - 1);
    }

    @Test
    void manyBitsAreNearAndFewAreSmall() {
        for (Network network : List.of(Networks.lenet300(), Networks.matMulAdd(), Networks.cnn())) {
            Network eight = network.apply(new WeightSharingQuantization(8));
            assertThat(Equality.relativeError(network, eight, Equality.feeds(network)))
                    .isLessThan(0.03);
        }
        Network lenet = Networks.lenet300();
        long whole = Onnx.size(lenet);
        for (int bits : new int[] {1, 2, 4, 8}) {
            assertThat(Onnx.size(lenet.apply(new WeightSharingQuantization(bits))) / (double) whole)
                    .isCloseTo(bits / 32.0, within(0.01));
        }
    }

    /** All biases are one line of indices and one codebook, which training moves; ONNX Runtime cuts it as it was. */
    @Test
    void biasesShareOneCodebook() {
        Network lenet = Networks.lenet300();
        Map<String, Tensor> three = Map.of(
                "fc1.bias", Networks.random(1, 1, 300),
                "fc2.bias", Networks.random(2, 1, 100),
                "fc3.bias", Networks.random(3, 1, 10));
        Network floats = lenet.withWeights(three);
        Network shared = floats.apply(new WeightSharingQuantization(LayerBits.parse("2, fc2=3")).withBiases(true));

        Tensor codebook = shared.weight("biases.codebook");
        assertThat(codebook.size()).isBetween(5L, 8L);
        assertThat(shared.weight("biases.packed").size()).isEqualTo(205);
        assertThat(shared.weights().keySet()).noneMatch(name -> name.contains(".bias"));
        float[] values = codebook.toFloatArray();
        Map<String, Tensor> nearest = new HashMap<>();
        three.forEach((name, bias) -> {
            float[] snapped = bias.toFloatArray();
            for (int i = 0; i < snapped.length; i++) {
                snapped[i] = values[Centroids.nearest(values, snapped[i])];
            }
            nearest.put(name, Tensor.ofFloats(snapped, snapped.length));
        });
        Network whole = floats.withWeights(nearest);
        Network weights = whole.apply(new WeightSharingQuantization(LayerBits.parse("2, fc2=3")));
        assertThat(Equality.run(shared, Equality.feeds(lenet))).isEqualTo(Equality.run(weights, Equality.feeds(lenet)));
        IdxDataset data =
                IdxDataset.train(Path.of("../../notebooks/data/mnist")).flat().limit(128);
        Network tuned = new FineTuning(data, Training.epochs(1), true).transform(shared);
        assertThat(tuned.weight("biases.codebook")).isNotEqualTo(codebook);
        Network apart = floats.apply(new WeightSharingQuantization(LayerBits.parse("2, fc2=3")));
        assertThat(Onnx.size(shared)).isLessThan(Onnx.size(apart) - 500);
    }

    @Test
    void layersOfZerosAndOfFewValues() {
        Tensor none = Tensor.ofFloats(new float[6], 2, 3);
        for (IndexLayout layout : IndexLayout.values()) {
            Network shared = linear(none).apply(new WeightSharingQuantization(2).withLayout(layout));
            assertThat(weightOf(shared, 2)).containsOnly(0);
        }
        Tensor few = Tensor.ofFloats(new float[] {5, -1, 5, 5, -1, 5}, 2, 3);
        Network shared = linear(few).apply(new WeightSharingQuantization(8));
        assertThat(shared.weight("w.codebook").toFloatArray()).containsExactly(-1, 5);
        assertThat(weightOf(shared, 2)).isEqualTo(few.toFloatArray());
    }

    /** What is written is run by ONNX Runtime unchanged, and its float weight is made when the network is loaded. */
    @ParameterizedTest
    @CsvSource({"BYTES", "PACKED", "GAPS"})
    void onnxRuntimeMakesTheWeightsAtLoad(IndexLayout layout, @TempDir Path folder) throws OrtException {
        Network pruned = Networks.lenet300().apply(new MagnitudePruning(0.9));
        Network shared =
                pruned.apply(new WeightSharingQuantization(3).withBiases(true).withLayout(layout));
        Path file = Onnx.write(shared, folder.resolve("shared.onnx"));
        Path loaded = folder.resolve("loaded.onnx");
        // DJL's engine makes the environment of the process, if no one else did.
        Engine.getEngine("OnnxRuntime");
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.BASIC_OPT);
            options.setOptimizedModelFilePath(loaded.toString());
            OrtEnvironment.getEnvironment()
                    .createSession(file.toString(), options)
                    .close();
        }

        assertThat(Onnx.read(loaded).nodes().stream().map(Node::op))
                .containsExactly("Gemm", "Relu", "Gemm", "Relu", "Gemm");
        Network back = Onnx.read(Onnx.write(shared, folder.resolve("shared.onnx.xz")));
        assertThat(back.weights()).isEqualTo(shared.weights());
        assertThat(back.nodes()).isEqualTo(shared.nodes());
        assertThat(Equality.run(back, Equality.feeds(shared))).isEqualTo(Equality.run(shared, Equality.feeds(shared)));
    }

    @Test
    void bitsByLayer() {
        Network cnn = Networks.cnn();
        Network shared = cnn.apply(new WeightSharingQuantization(LayerBits.parse("2, conv*=3, conv2=5")));

        assertThat(LayerWeight.of(cnn)).hasSize(3);
        assertThat(shared.weight("conv1.weight.codebook").size()).isBetween(5L, 8L);
        assertThat(shared.weight("conv2.weight.codebook").size()).isBetween(17L, 32L);
        assertThat(shared.weights().keySet().stream().filter(name -> name.endsWith(".codebook")))
                .hasSize(3);
        Network some = cnn.apply(new WeightSharingQuantization(LayerBits.of(Map.of("conv1", 4))));
        assertThat(some.weights().keySet().stream().filter(name -> name.endsWith(".codebook")))
                .containsExactly("conv1.weight.codebook");
        assertThat(LayerBits.parse(" 2, conv*=3 ,conv2=5")).isEqualTo(LayerBits.parse("2, conv*=3, conv2=5"));
        assertThat(PassBinding.of("quantize").bind("weight-sharing", Map.of("bits", "conv*=8, fc*=5"), Map.of()::get))
                .isEqualTo(new WeightSharingQuantization(LayerBits.parse("conv*=8, fc*=5")));
        assertThat(shared.provenance())
                .hasToString("[WeightSharingQuantization(bits=2, conv*=3, conv2=5, start=linear, biases=false,"
                        + " layout=auto, layers=*, seed=0)]");
    }

    /** The gradient of a centroid is the sum of those of the weights that share it: one plain step shows both. */
    @ParameterizedTest
    @CsvSource({"BYTES", "PACKED", "GAPS"})
    void centroidsAreTrainedTogether(IndexLayout layout) {
        Network pruned = Networks.lenet300().apply(new MagnitudePruning(0.9));
        Network shared = pruned.apply(new WeightSharingQuantization(3).withLayout(layout));
        Tensor original = pruned.weight("fc1.weight");
        IndexedWeight indexed = IndexedWeight.cluster("fc1.weight", original, layout, 3, CentroidStart.LINEAR, 0);
        Map<String, Tensor> same = new HashMap<>();
        for (LayerWeight layer : LayerWeight.of(pruned)) {
            IndexedWeight weight =
                    IndexedWeight.cluster(layer.name(), layer.tensor(), layout, 3, CentroidStart.LINEAR, 0);
            float[] values = new float[weight.indices().length];
            for (int i = 0; i < values.length; i++) {
                values[i] = weight.indices()[i] == 0 ? 0 : weight.codebook()[weight.indices()[i] - 1];
            }
            same.put(layer.name(), Tensor.ofFloats(values, weight.shape()));
        }
        Network whole = pruned.withWeights(same);
        IdxDataset data =
                IdxDataset.train(Path.of("../../notebooks/data/mnist")).flat().limit(128);
        Pass step = new FineTuning(data, new Training(1, 128, 0.01, Descent.SGD, 0, Schedule.CONSTANT, 1, 0), true);
        float[] before = whole.weight("fc1.weight").toFloatArray();
        float[] after = step.transform(whole).weight("fc1.weight").toFloatArray();
        double[] expected = new double[indexed.codebook().length];
        for (int i = 0; i < before.length; i++) {
            if (indexed.indices()[i] != 0) {
                expected[indexed.indices()[i] - 1] += after[i] - before[i];
            }
        }

        Network tuned = step.transform(shared);
        float[] moved = tuned.weight("fc1.weight.codebook").toFloatArray();
        assertThat(tuned.nodes()).isEqualTo(shared.nodes());
        for (int c = 0; c < moved.length; c++) {
            assertThat(moved[c] - indexed.codebook()[c]).isCloseTo((float) expected[c], within(2e-5f));
        }
        assertThat(Arrays.stream(expected).map(Math::abs).max().orElse(0)).isGreaterThan(1e-3);
        Training twice = Training.epochs(2).withBatchSize(16).withLearningRate(0.01);
        Trained taught = new SoftTargetDistillation(whole, data, 2, 0.5, twice, true).train(shared);
        assertThat(taught.network().weight("fc1.weight.codebook")).isNotEqualTo(shared.weight("fc1.weight.codebook"));
    }

    /** What is shared first stays as training left it, and no layer is shared twice. */
    @Test
    void layersMayBeSharedOneAfterAnother() {
        Network lenet = Networks.lenet300();
        Network first = lenet.apply(new WeightSharingQuantization(3).withLayers("fc1"));
        IdxDataset data =
                IdxDataset.train(Path.of("../../notebooks/data/mnist")).flat().limit(128);
        Network trained = new FineTuning(data, Training.epochs(1), true).transform(first);
        Network both = trained.apply(new WeightSharingQuantization(2));

        assertThat(both.weight("fc1.weight.codebook"))
                .isEqualTo(trained.weight("fc1.weight.codebook"))
                .isNotEqualTo(first.weight("fc1.weight.codebook"));
        assertThat(both.weights().keySet().stream().filter(name -> name.endsWith(".codebook")))
                .containsExactlyInAnyOrder("fc1.weight.codebook", "fc2.weight.codebook", "fc3.weight.codebook");
        Network other = lenet.withWeights(trained.weights().entrySet().stream()
                .filter(weight -> lenet.weights().containsKey(weight.getKey()))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
        assertThat(both.weight("fc2.weight.codebook"))
                .isEqualTo(other.apply(new WeightSharingQuantization(2)).weight("fc2.weight.codebook"));
        assertThatThrownBy(() -> trained.apply(new WeightSharingQuantization(2).withLayers("fc1")))
                .hasMessageStartingWith("No layer of network lenet-300-100 is named fc1");
    }

    @Test
    void refusesWhatItCanNotShare() {
        Network lenet = Networks.lenet300();
        assertThatThrownBy(() -> new WeightSharingQuantization(9))
                .hasMessage("Option bits is 9, but it is from 1 to 8.");
        assertThatThrownBy(() -> LayerBits.parse("fc*=0"))
                .hasMessage("Option bits is 0 of layer fc*, but it is from 1 to 8.");
        for (String odd : List.of("many", "4, 5", "fc1=", "")) {
            String entry = odd.equals("4, 5") ? "5" : odd;
            assertThatThrownBy(() -> LayerBits.parse(odd))
                    .hasMessage("Option bits is " + entry + ", but it is a number from 1 to 8, or a layer and its"
                            + " number, such as fc*=5.");
        }
        assertThatThrownBy(() -> lenet.apply(new WeightSharingQuantization(LayerBits.parse("conv*=8, fc*=5"))))
                .hasMessageStartingWith("No layer of network lenet-300-100 is named conv*");
        assertThatThrownBy(() -> lenet.apply(new WeightSharingQuantization(4).withLayers("fc7")))
                .hasMessageStartingWith("No layer of network lenet-300-100 is named fc7");
        for (Network quantized : List.of(
                lenet.apply(new WeightSharingQuantization(4)),
                lenet.apply(new MagnitudePruning(0.9)).apply(new WeightSharingQuantization(2)))) {
            String lookUp = quantized.nodes().stream()
                    .filter(node -> node.is("Gather"))
                    .findFirst()
                    .orElseThrow()
                    .label();
            assertThatThrownBy(() -> quantized.apply(new WeightSharingQuantization(4)))
                    .hasMessage("Network lenet-300-100 is quantized already: operator " + lookUp + " is Gather of a"
                            + " codebook; quantize the network of floats that it was made from.");
        }
        assertThatThrownBy(() -> lenet.apply(new WeightOnlyQuantization()).apply(new WeightSharingQuantization(4)))
                .hasMessage("Network lenet-300-100 is quantized already: operator fc1.weight.dequantize is"
                        + " DequantizeLinear; quantize the network of floats that it was made from.");
        float[] values = lenet.weight("fc2.weight").toFloatArray();
        values[7] = Float.NaN;
        Network odd = lenet.withWeights(Map.of("fc2.weight", Tensor.ofFloats(values, 100, 300)));
        assertThatThrownBy(() -> odd.apply(new WeightSharingQuantization(4)))
                .hasMessage("Weight fc2.weight of layer fc2 holds values that are NaN or infinite; weights to quantize"
                        + " are finite.");
    }

    /** Each centroid is the mean of the numbers that are nearest to it, for few numbers and for many. */
    @ParameterizedTest
    @CsvSource({"100, 1e-6", "600, 1e-3"})
    void findsWhatLloydsAlgorithmFinds(int side, float tolerance) {
        float[] values = Networks.random(5, 2, side, side).toFloatArray();
        for (CentroidStart start : CentroidStart.values()) {
            float[] centroids = new Centroids(values.clone(), values.length).find(16, start, 3);
            double[] sums = new double[centroids.length];
            int[] counts = new int[centroids.length];
            for (float value : values) {
                int best = 0;
                for (int c = 1; c < centroids.length; c++) {
                    best = Math.abs(value - centroids[c]) < Math.abs(value - centroids[best]) ? c : best;
                }
                assertThat(Centroids.nearest(centroids, value)).isEqualTo(best);
                sums[best] += value;
                counts[best]++;
            }
            for (int c = 0; c < centroids.length; c++) {
                assertThat((float) (sums[c] / counts[c])).isEqualTo(centroids[c], within(tolerance));
            }
        }
        assertThat(Arrays.equals(
                        new Centroids(values.clone(), values.length).find(16, CentroidStart.RANDOM, 1),
                        new Centroids(values.clone(), values.length).find(16, CentroidStart.RANDOM, 1)))
                .isTrue();
    }
}
