package pomona.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static pomona.Equality.relativeError;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import pomona.Networks;
import pomona.Records;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.train.Training;

/** Quantization-aware training of attention, beside recurrent layers and beside branches. */
class QuantizationAwareLayersTest {

    private static final int WIDTH = 16;
    private static final int STEPS = 6;
    private static final int RECORDS = 128;
    private static final Tensor SEQUENCES = Networks.uniform(15, -1, 1, RECORDS, STEPS, WIDTH);
    private static final Tensor OTHERS = Networks.uniform(9, -1, 1, 16, STEPS, WIDTH);
    private static final Training SHORT = Training.epochs(3).withBatchSize(16).withLearningRate(0.002);

    private static RandomAccessDataset records() {
        return Records.labelled(SEQUENCES, 3);
    }

    /** A block of an encoder and a classifier; keys and values may have one weight, and outputs that of queries turned. */
    private static Network attention(boolean shared) {
        NetworkBuilder builder = Network.builder("attention")
                .opset("", 17)
                .input("x", "batch", STEPS, WIDTH)
                .weight("gain", Networks.uniform(1, 0.5f, 1.5f, WIDTH))
                .weight("shift", Networks.uniform(2, -1, 1, WIDTH))
                .weight("root", Tensor.scalar(0.25f))
                .weight("q", Networks.random(3, WIDTH, WIDTH, WIDTH))
                .weight("k", Networks.random(4, WIDTH, WIDTH, WIDTH))
                .weight("fc", Networks.random(7, WIDTH, 3, WIDTH))
                .weight("b", Networks.uniform(8, -1, 1, 3));
        if (!shared) {
            builder.weight("v", Networks.random(5, WIDTH, WIDTH, WIDTH));
        }
        return builder.node("MatMul", List.of("x", "q"), "queries")
                .node("MatMul", List.of("x", "k"), "keys")
                .node("MatMul", List.of("x", shared ? "k" : "v"), "values")
                .node(Node.of("Transpose", "turn", List.of("keys"), "turned").with("perm", Attribute.ofInts(0, 2, 1)))
                .node("MatMul", List.of("queries", "turned"), "products")
                .node("Mul", List.of("products", "root"), "scores")
                .node("Softmax", List.of("scores"), "shares")
                .node("MatMul", List.of("shares", "values"), "mixed")
                .node("MatMul", List.of("mixed", "q"), "out")
                .node("Add", List.of("out", "x"), "sum")
                .node("LayerNormalization", List.of("sum", "gain", "shift"), "normal")
                .node(Node.of("ReduceMean", "mean", List.of("normal"), "m")
                        .with("axes", Attribute.ofInts(1))
                        .with("keepdims", Attribute.of(0)))
                .node(Node.of("Gemm", "classify", List.of("m", "fc", "b"), "y").with("transB", Attribute.of(1)))
                .output("y", "batch", 3)
                .build();
    }

    /** A linear layer, a recurrent one, and a classifier of its last state. */
    private static Network recurrent(String op) {
        int gates = op.equals("LSTM") ? 4 : op.equals("GRU") ? 3 : 1;
        List<String> outputs = List.of("", "last");
        return Network.builder("recurrent")
                .input("x", "batch", STEPS, WIDTH)
                .weight("in", Networks.random(1, WIDTH, WIDTH, WIDTH))
                .weight("w", Networks.random(2, WIDTH, 1, gates * 8, WIDTH))
                .weight("r", Networks.random(3, 8, 1, gates * 8, 8))
                .weight("rb", Networks.uniform(4, -0.1f, 0.1f, 1, gates * 16))
                .weight("axes", Tensor.ofLongs(new long[] {0}, 1))
                .weight("fc", Networks.random(5, 8, 8, 3))
                .weight("b", Networks.uniform(6, -1, 1, 3))
                .node("MatMul", List.of("x", "in"), "p")
                .node("Relu", List.of("p"), "relu")
                .node(Node.of("Transpose", "turn", List.of("relu"), "turned").with("perm", Attribute.ofInts(1, 0, 2)))
                .node(Node.of(op, "rnn", List.of("turned", "w", "r", "rb"), outputs.toArray(String[]::new))
                        .with("hidden_size", Attribute.of(8)))
                .node("Squeeze", List.of("last", "axes"), "state")
                .node(Node.of("Gemm", "classify", List.of("state", "fc", "b"), "y"))
                .output("y", "batch", 3)
                .build();
    }

    private static QuantizationAwareTraining technique(int bits, WeightStorage storage) {
        return new QuantizationAwareTraining(bits, 8, true, storage, "*", records(), RECORDS, SHORT, true);
    }

    @ParameterizedTest
    @CsvSource({"8, false, BYTES", "8, true, BYTES", "4, false, PACKED", "4, true, BYTES", "4, true, INT4"})
    void attentionGivesTheNumbersThatWereTrained(int bits, boolean shared, WeightStorage storage) {
        Network floats = attention(shared);
        TrainedNumbers numbers = TrainedNumbers.of(technique(bits, storage), floats, records(), SHORT);
        assertThat(numbers.error(OTHERS)).isLessThan(0.01);
        assertThat(relativeError(floats, numbers.integers(), Map.of("x", OTHERS)))
                .isGreaterThan(0.05);
        assertThat(numbers.integers().weights().values())
                .noneMatch(weight -> weight.type() == ElementType.FLOAT && weight.rank() == 2);
        assertThat(numbers.integers().weights().values())
                .filteredOn(weight -> weight.type() == ElementType.INT8 || weight.type() == ElementType.INT4)
                .filteredOn(weight -> weight.rank() == 2)
                .hasSize(shared ? 3 : 4);
    }

    @Test
    void attentionStartsCloseToFloats() {
        for (boolean shared : new boolean[] {false, true}) {
            Network floats = attention(shared);
            Network start = technique(8, WeightStorage.BYTES).untrained(floats);
            assertThat(relativeError(floats, start, Map.of("x", OTHERS))).isLessThan(0.02);
            assertThat(floats.apply(technique(8, WeightStorage.BYTES))
                            .provenance()
                            .get(0)
                            .options())
                    .doesNotContainKey("leftFloat");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"LSTM", "GRU", "RNN"})
    void besideRecurrentLayersItGivesTheNumbersThatWereTrained(String op) {
        Network floats = recurrent(op);
        TrainedNumbers numbers = TrainedNumbers.of(technique(8, WeightStorage.BYTES), floats, records(), SHORT);
        assertThat(numbers.error(OTHERS)).isLessThan(0.01);
        assertThat(numbers.integers().weights())
                .containsKeys("in.int8", "fc.int8", "w", "r")
                .doesNotContainKeys("in", "fc");
        assertThat(numbers.integers().weight("r").toFloatArray())
                .isNotEqualTo(floats.weight("r").toFloatArray());
    }

    @ParameterizedTest
    @ValueSource(strings = {"LSTM", "GRU", "RNN"})
    void recurrentLayersThatStayFloatAreNamed(String op) {
        Network floats = recurrent(op);
        String left =
                "rnn stays float: ONNX Runtime has no static " + op + (op.equals("LSTM") ? ", only a dynamic one" : "");
        Network trained = floats.apply(technique(8, WeightStorage.BYTES));
        Network measured = floats.apply(new StaticQuantization(records(), RECORDS));
        for (Network small : List.of(trained, measured)) {
            assertThat(small.provenance().get(0).options()).containsEntry("leftFloat", left);
            assertThat(SparedLayers.reasons(small))
                    .containsExactly(Map.entry("rnn", left.substring("rnn stays float: ".length())));
        }
        Network only = floats.toBuilder()
                .nodes(floats.nodes().stream()
                        .filter(node -> !node.is("MatMul") && !node.is("Gemm") && !node.is("Relu"))
                        .map(node -> node.is("Transpose") ? node.withInputs(List.of("x")) : node)
                        .map(node -> node.is("Squeeze") ? node.withOutputs(List.of("y")) : node)
                        .toList())
                .build();
        String message = "Network recurrent has nothing to quantize; it would be the constant 32-bit floating-point"
                + " weights of Conv, Gemm, MatMul operators. " + left + ".";
        assertThatThrownBy(() -> only.apply(technique(8, WeightStorage.BYTES))).hasMessage(message);
        assertThatThrownBy(() -> only.apply(new StaticQuantization(records(), RECORDS)))
                .hasMessage(message);
    }

    @Test
    void layersInBranchesStayFloatAndAreNamed() {
        Network floats = branches();
        Network small = floats.apply(technique(8, WeightStorage.BYTES));
        assertThat(small.provenance().get(0).options())
                .containsEntry("leftFloat", "inside stays float: training has no levels in branches and loops");
        TrainedNumbers numbers = TrainedNumbers.of(technique(8, WeightStorage.BYTES), floats, records(), SHORT);
        assertThat(numbers.error(OTHERS)).isLessThan(0.01);
    }

    /** A layer whose weight and output a branch takes as well. */
    private static Network branches() {
        return Network.builder("branches")
                .input("x", "batch", STEPS, WIDTH)
                .weight("w", Networks.random(1, WIDTH, WIDTH, WIDTH))
                .weight("fc", Networks.random(5, WIDTH, WIDTH, 3))
                .node("MatMul", List.of("x", "w"), "h")
                .node("Relu", List.of("h"), "r")
                .node(Node.of("ReduceMax", "most", List.of("x"), "m").with("keepdims", Attribute.of(0)))
                .node(Node.of("Cast", "cast", List.of("m"), "way").with("to", Attribute.of(9)))
                .node(Node.of("If", "if", List.of("way"), "chosen")
                        .with("then_branch", branch("then", Node.of("MatMul", "inside", List.of("r", "w"), "then.out")))
                        .with("else_branch", branch("else", Node.of("Neg", "neg", List.of("r"), "else.out"))))
                .node(Node.of("ReduceMean", "mean", List.of("chosen"), "state")
                        .with("axes", Attribute.ofInts(1))
                        .with("keepdims", Attribute.of(0)))
                .node(Node.of("MatMul", "classify", List.of("state", "fc"), "y"))
                .output("y", "batch", 3)
                .build();
    }

    private static Attribute branch(String name, Node node) {
        return new Attribute.Subgraph(
                BranchNetworks.graph(name, List.of(), List.of(BranchNetworks.value(node.output())), Map.of(), node));
    }

    @Test
    void aBiasThatAllOutputsShareStaysInFloats() {
        Network floats = Network.builder("one")
                .input("x", "batch", STEPS, WIDTH)
                .weight("w", Networks.random(1, STEPS * WIDTH, STEPS * WIDTH, 3))
                .weight("b", Tensor.ofFloats(new float[] {0.7f}, 1))
                .node("Flatten", List.of("x"), "flat")
                .node(Node.of("Gemm", "g", List.of("flat", "w", "b"), "y"))
                .output("y", "batch", 3)
                .build();
        TrainedNumbers numbers = TrainedNumbers.of(technique(8, WeightStorage.BYTES), floats, records(), SHORT);
        assertThat(numbers.integers().weights()).containsKey("b").doesNotContainKey("b.int32");
        assertThat(numbers.error(OTHERS)).isLessThan(0.01);
    }
}
