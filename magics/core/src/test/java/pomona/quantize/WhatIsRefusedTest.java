package pomona.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.RandomAccessDataset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import pomona.Networks;
import pomona.Records;
import pomona.distill.SoftTargetDistillation;
import pomona.evaluate.Sensitivity;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.onnx.Onnx;
import pomona.pass.Pass;
import pomona.pass.PassBinding;
import pomona.prune.SparseGptPruning;
import pomona.prune.WandaPruning;
import pomona.quantize.MixedPrecisionQuantization.Goal;
import pomona.quantize.MixedPrecisionQuantization.Order;
import pomona.train.FineTuning;
import pomona.train.Training;

/** Values that are not finite, labels that are missing, and networks that a scheme finds nothing in. */
class WhatIsRefusedTest {

    /** Asserts the message, and that no byte of the network changed. */
    private static void refused(Network network, Pass pass, String message) {
        byte[] before = Onnx.bytes(network);
        assertThatThrownBy(() -> network.apply(pass))
                .as("%s", pass.getClass())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
        assertThat(Onnx.bytes(network)).as("%s", pass.getClass()).isEqualTo(before);
    }

    /** Two products, of the input and of its logarithm. */
    private static Network logarithm() {
        return Network.builder("logarithm")
                .input("x", "batch", 32)
                .weight("w1", Networks.random(1, 32, 32, 32))
                .weight("w2", Networks.random(2, 32, 32, 32))
                .node("Log", List.of("x"), "log")
                .node("MatMul", List.of("log", "w1"), "a")
                .node("MatMul", List.of("x", "w2"), "b")
                .node("Add", List.of("a", "b"), "y")
                .output("y", "batch", 32)
                .build();
    }

    private static Map<String, Pass> measuring(RandomAccessDataset data) {
        Map<String, Pass> passes = new LinkedHashMap<>();
        passes.put("smooth", new SmoothQuant(data, 8));
        passes.put("measure", new GptqQuantization(BlockFormat.INT4, data));
        passes.put("measure to round", new AdaptiveRounding(data, 8, 4));
        passes.put("scale", new AwqQuantization(BlockFormat.INT4, data));
        passes.put("measure to prune", new SparseGptPruning(0.5, data));
        passes.put("prune", new WandaPruning(0.5, data));
        for (Calibration calibration : Calibration.values()) {
            passes.put("quantize by " + calibration, new StaticQuantization(data, 8, calibration));
        }
        return passes;
    }

    @Test
    void theFirstRecordThatIsNotFiniteIsNamedAndOfItTheFirstValue() {
        float[] values = Networks.uniform(1, 1, 2, 8, 32).toFloatArray();
        values[32 * 5 + 7] = Float.NaN;
        values[32 * 2 + 3] = 0;
        measuring(RandomRecords.of(values, 8, 32))
                .forEach((name, pass) -> refused(
                        logarithm(),
                        pass,
                        "Value log of network logarithm is NaN or infinite on record 3 of the calibration data; a network"
                                + " to " + name.split(" ")[0] + " gives finite values."));
        values[32 * 2 + 3] = Float.NaN;
        measuring(RandomRecords.of(values, 8, 32))
                .forEach((name, pass) -> refused(
                        logarithm(),
                        pass,
                        "Input x of network logarithm is NaN or infinite on record 3 of the calibration data; a network"
                                + " to " + name.split(" ")[0] + " is fed finite values."));
    }

    @Test
    void biasCorrectionNamesTheRecordToo() {
        float[] values = Networks.uniform(1, 1, 2, 8, 32).toFloatArray();
        Network floats = Networks.mlp(32, 16, 8);
        Network small = floats.apply(new StaticQuantization(RandomRecords.of(values, 8, 32), 8));
        values[32 * 6] = Float.POSITIVE_INFINITY;
        refused(
                small,
                new BiasCorrection(floats, RandomRecords.of(values, 8, 32), 8),
                "Value fc1.out of network mlp is NaN or infinite on record 7 of the calibration data; a network to"
                        + " correct gives finite values.");
    }

    /** Wrong answers and noise do not tell of it, so that records are looked at whatever the schemes measure themselves. */
    @Test
    void searchesForPrecisionsAndScansNameTheRecordToo() {
        Network network = logarithm();
        float[] values = Networks.uniform(1, 1, 2, 40, 32).toFloatArray();
        values[32 * 30 + 3] = 0;
        String message =
                "Value log of network logarithm is NaN or infinite on record 31 of the %s; a network to quantize"
                        + " gives finite values.";
        RandomAccessDataset data = Records.labelled(Tensor.ofFloats(values, 40, 32), 32);
        for (LayerScheme scheme : List.of(
                LayerScheme.STATIC,
                LayerScheme.DYNAMIC,
                LayerScheme.WEIGHT_ONLY,
                LayerScheme.INT4,
                LayerScheme.FLOAT16)) {
            for (Order order : Order.values()) {
                refused(
                        network,
                        new MixedPrecisionQuantization(1, data, null, Goal.SMALLEST, order, List.of(scheme), "*"),
                        message.formatted("validation data"));
            }
            List<Double> bits = List.of((double) scheme.bits());
            for (Sensitivity scan : List.of(
                    QuantizationSensitivity.measured(network, scheme, bits, "*", data),
                    QuantizationSensitivity.bySignalToNoise(network, scheme, bits, "*", data))) {
                assertThatThrownBy(scan::run)
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage(message.formatted("data"));
                assertThat(scan.baseline()).isNaN();
            }
        }
    }

    @Test
    void gradientsThatAreNoNumbersNameTheRecord() {
        Network network = Networks.mlp(32, 16, 8);
        float[] values = Networks.uniform(1, 1, 2, 40, 32).toFloatArray();
        values[32 * 30 + 3] = Float.NaN;
        RandomAccessDataset data = Records.labelled(Tensor.ofFloats(values, 40, 32), 8);
        assertThatThrownBy(() -> QuantizationSensitivity.byHessian(network, List.of(8.0), "*", data, 1, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Input x of network mlp is NaN or infinite on record 31 of the data; a network learns from"
                        + " finite values.");
    }

    /** Steps are found on the first records; of the others the loss tells. */
    @Test
    void quantizationAwareTrainingNamesRecordsBehindTheSampleToo() {
        float[] values = Networks.uniform(1, 1, 2, 40, 32).toFloatArray();
        values[32 * 30 + 3] = Float.NaN;
        RandomAccessDataset data = Records.labelled(Tensor.ofFloats(values, 40, 32), 8);
        for (int samples : new int[] {8, 40}) {
            refused(
                    Networks.mlp(32, 16, 8),
                    new QuantizationAwareTraining(
                            8, 8, true, WeightStorage.AUTO, "*", data, samples, Training.epochs(1), true),
                    samples == 40
                            ? "Input x of network mlp is NaN or infinite on record 31 of the calibration data; a network"
                                    + " to quantize is fed finite values."
                            : "Input x of network mlp is NaN or infinite on record 31 of the data; a network learns from"
                                    + " finite values.");
        }
    }

    @Test
    void trainingWithoutLabelsIsRefusedBeforeItBegins() {
        Network network = Networks.mlp(32, 16, 8);
        RandomAccessDataset bare = RandomRecords.of(8, 32);
        String message =
                "Network mlp learns from labels, but the data has none; give data with a label for each record.";
        refused(network, new QuantizationAwareTraining(8, bare, Training.epochs(1)), message);
        refused(network, new FineTuning(bare, Training.epochs(1), true), message);
        refused(network, new SoftTargetDistillation(network, bare, 4, 0.9, Training.epochs(1), true), message);
        // What learns from a teacher alone needs none.
        Network taught =
                network.apply(new SoftTargetDistillation(Networks.mlp(32, 8), bare, 4, 1, Training.epochs(1), true));
        assertThat(taught).isNotEqualTo(network);
        assertThatThrownBy(() -> QuantizationSensitivity.byHessian(network, List.of(8.0), "*", bare, 1, 0))
                .hasMessage(message);
    }

    @Test
    void trainingListsWhatTheNetworkTakesAndWhatTheDataHas() {
        Network network = Networks.mlp(32, 16, 8);
        RandomAccessDataset two = new ArrayDataset.Builder()
                .setData(RandomRecords.array(new float[64], 2, 32), RandomRecords.array(new long[2], 2))
                .optLabels(RandomRecords.array(new long[2], 2))
                .setSampling(2, false)
                .build();
        refused(
                network,
                new FineTuning(two, Training.epochs(1).withBatchSize(2), true),
                "Network mlp takes 1 input (x float[batch,32]), but a batch of the data has 2 parts (float[2,32],"
                        + " int64[2]); there must be one for each.");
    }

    @Test
    void operatorsToKeepInFloatsAreInTheNetwork() {
        Network network = Network.builder("soft")
                .input("x", "batch", 64)
                .weight("w", Networks.random(1, 64, 64, 64))
                .node("MatMul", List.of("x", "w"), "h")
                .node("Softmax", List.of("h"), "y")
                .output("y", "batch", 64)
                .build();
        refused(
                network,
                new Float16Quantization(true, List.of("Sofmax"), false),
                "Option keep has Sofmax, but network soft has no such operator; did you mean Softmax?");
        refused(
                network,
                new Float16Quantization(true, List.of("MatMul", "Convolve"), false),
                "Option keep has Convolve, but network soft has no such operator; there is MatMul, Softmax.");
    }

    @Test
    void aNetworkWhoseWeightsHaveSixteenBitsIsNamedSo() {
        Network network = Networks.mlp(32, 16, 8);
        RandomAccessDataset data = RandomRecords.of(8, 32);
        Network half = network.apply(new Float16Quantization());
        for (Pass pass : List.of(
                new DynamicQuantization(),
                new StaticQuantization(data),
                new WeightOnlyQuantization(true, "*"),
                new WeightOnlyQuantization(4, 32),
                new HqqQuantization(BlockFormat.INT4),
                new TernaryQuantization(0.7, IndexLayout.PACKED, "*"),
                new Float16Quantization(),
                new Float16Quantization(true, Float16Quantization.SENSITIVE, false),
                new Bfloat16Quantization())) {
            refused(
                    half,
                    pass,
                    "Network mlp is stored in 16 bits already: weight fc1.weight.float16 is float16[16,32]; quantize the"
                            + " network of 32-bit floats that it was made from.");
        }
    }

    /** Networks that compute in float16, were stored as bfloat16, or got 16 bits by a mix: what is left are few numbers. */
    @Test
    void sixteenBitsAreNotHalvedAgain() {
        Network network = Network.builder("norm")
                .input("x", "batch", 96)
                .weight("w", Networks.random(1, 96, 96, 96))
                .weight("scale", Networks.uniform(2, 0.5f, 1, 96))
                .weight("shift", Networks.uniform(3, -1, 1, 96))
                .node("MatMul", List.of("x", "w"), "h")
                .node("LayerNormalization", List.of("h", "scale", "shift"), "y")
                .output("y", "batch", 96)
                .opset("", 17)
                .build();
        Map<String, Network> halved = new LinkedHashMap<>();
        halved.put(
                "w.float16 is float16",
                network.apply(new Float16Quantization(true, Float16Quantization.SENSITIVE, false)));
        halved.put("w.bfloat16 is bfloat16", network.apply(new Bfloat16Quantization()));
        Network mixed = new PrecisionMix(Map.of("w", LayerScheme.FLOAT16)).of(network, null);
        List<Network> all = new java.util.ArrayList<>(halved.values());
        all.add(mixed);
        for (Network half : all) {
            String weight =
                    half == halved.get("w.bfloat16 is bfloat16") ? "w.bfloat16 is bfloat16" : "w.float16 is float16";
            for (Pass pass : List.of(
                    new Float16Quantization(),
                    new Float16Quantization(true, List.of(), true),
                    new Bfloat16Quantization(),
                    new WeightOnlyQuantization(),
                    new DynamicQuantization())) {
                refused(
                        half,
                        pass,
                        "Network norm is stored in 16 bits already: weight " + weight
                                + "[96,96]; quantize the network of 32-bit floats that it was made from.");
            }
        }
    }

    @Test
    void optionsOfSixteenBitsThatWouldDoNothing() {
        assertThatThrownBy(() -> new Float16Quantization(false, List.of("Gemm"), false))
                .hasMessage("Option keep is for a whole network of float16, and whole is false.");
        assertThatThrownBy(() -> PassBinding.of("quantize").bind("bfloat16", Map.of("whole", "true"), name -> null))
                .hasMessage(
                        "Option whole is true, but ONNX Runtime 1.23 has no bfloat16 arithmetic on processors; leave it"
                                + " out to store weights as bfloat16, or use method float16.");
    }

    @Test
    void layersWithoutABiasAreLeftByBiasCorrection() {
        Network bare = Network.builder("bare")
                .input("x", "batch", 16)
                .weight("w1", Networks.random(1, 16, 16, 16))
                .weight("w2", Networks.random(2, 16, 16, 16))
                .node("MatMul", List.of("x", "w1"), "h")
                .node("Relu", List.of("h"), "r")
                .node("MatMul", List.of("r", "w2"), "y")
                .output("y", "batch", 16)
                .build();
        RandomAccessDataset data = Records.of(Networks.uniform(3, 0, 2, 32, 16));
        StaticQuantization pass =
                new StaticQuantization(data, 32).with(new Refinement(false, 0, Rounding.NEAREST, true));
        refused(
                bare,
                pass,
                "Network bare has no layer for bias correction; it would be a quantized Conv or Gemm, or a quantized"
                        + " MatMul with an Add of a constant vector behind it, whose output has the same name in the"
                        + " network of floats.");
        Network one = bare.toBuilder()
                .weight("b", Networks.uniform(4, -1, 1, 16))
                .nodes(List.of(
                        bare.nodes().get(0),
                        Node.of("Add", "sum", List.of("h", "b"), "s"),
                        bare.nodes().get(1).withInputs(List.of("s")),
                        bare.nodes().get(2)))
                .build();
        Network corrected = one.apply(pass);
        Network plain = one.apply(pass.with(Refinement.NONE));
        assertThat(corrected.weight("b")).isNotEqualTo(plain.weight("b"));
        Map<String, Tensor> weights = new LinkedHashMap<>(corrected.weights());
        weights.put("b", plain.weight("b"));
        assertThat(weights).isEqualTo(plain.weights());
    }
}
