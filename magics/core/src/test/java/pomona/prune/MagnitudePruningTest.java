package pomona.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import pomona.Networks;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;

class MagnitudePruningTest {

    private static long zeros(Network network) {
        return LayerWeight.of(network).stream()
                .mapToLong(w -> w.tensor().size() - w.tensor().countNonZeros())
                .sum();
    }

    private static Network oneLayer(Tensor weight) {
        return Network.builder("one")
                .input("x", "batch", weight.dim(0))
                .weight("w", weight)
                .node("MatMul", List.of("x", "w"), "y")
                .output("y", "batch", weight.dim(1))
                .build();
    }

    @Property(tries = 100)
    void prunesExactlyTheShareAsASortWould(
            @ForAll @Size(min = 1, max = 300) List<@IntRange(min = -20, max = 20) Integer> whole,
            @ForAll @DoubleRange(min = 0, max = 0.99) double sparsity) {
        float[] values = new float[whole.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = whole.get(i) * 0.1f;
        }
        Network pruned = oneLayer(Tensor.ofFloats(values, 1, values.length)).apply(new MagnitudePruning(sparsity));

        int wanted = (int) Math.round(sparsity * values.length);
        Integer[] order = new Integer[values.length];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, (a, b) -> Float.compare(Math.abs(values[a]), Math.abs(values[b])));
        float[] expected = values.clone();
        for (int i = 0; i < wanted; i++) {
            expected[order[i]] = 0;
        }
        assertThat(pruned.weight("w").toFloatArray())
                .usingComparatorWithPrecision(0f)
                .containsExactly(expected);
    }

    @Property(tries = 30)
    void pruningTwiceIsPruningOnce(@ForAll @DoubleRange(min = 0, max = 0.99) double sparsity, @ForAll Scope scope) {
        MagnitudePruning pass = new MagnitudePruning(sparsity, scope);
        Network once = Networks.cnn().apply(pass);
        assertThat(once.apply(pass).weights()).isEqualTo(once.weights());
    }

    @Test
    void globalScopeCountsOverAllLayersAndLeavesBiases() {
        Network network = Networks.lenet300();
        Network pruned = network.apply(new MagnitudePruning(0.9));
        assertThat(zeros(pruned)).isEqualTo(Math.round(0.9 * 266_200));
        assertThat(pruned.weight("fc1.bias")).isEqualTo(network.weight("fc1.bias"));
        assertThat(pruned.provenance().get(0))
                .hasToString(
                        "MagnitudePruning(sparsity=0.9, scope=global, norm=l1, layers=*, granularity=weight, targets=none, minimumKept=0.0)");
        assertThat(zeros(network)).isZero();
    }

    @Test
    void layerScopeGivesEveryLayerTheSameShare() {
        Network pruned = Networks.lenet300().apply(new MagnitudePruning(0.75, Scope.LAYER));
        for (LayerWeight weight : LayerWeight.of(pruned)) {
            assertThat(weight.tensor().countNonZeros())
                    .isEqualTo(weight.tensor().size() / 4);
        }
    }

    @Test
    void targetsAreOfTheOriginalCount() {
        Network twice = Networks.lenet300().apply(new MagnitudePruning(0.5)).apply(new MagnitudePruning(0.8));
        assertThat(zeros(twice)).isEqualTo(Math.round(0.8 * 266_200));
    }

    @Test
    void agreesWithASortOverManyChunks() {
        Tensor weight = Networks.random(7, 1, 500, 401);
        Network pruned = oneLayer(weight).apply(new MagnitudePruning(0.37));
        float[] sorted = weight.toFloatArray();
        for (int i = 0; i < sorted.length; i++) {
            sorted[i] = Math.abs(sorted[i]);
        }
        Arrays.sort(sorted);
        float border = sorted[(int) Math.round(0.37 * sorted.length)];
        float[] before = weight.toFloatArray();
        float[] after = pruned.weight("w").toFloatArray();
        for (int i = 0; i < before.length; i++) {
            assertThat(after[i]).isEqualTo(Math.abs(before[i]) < border ? 0f : before[i]);
        }
    }

    @Test
    void onlyLayersThatMatchArePruned() {
        Network network = Networks.mlp(8, 6, 4);
        Network pruned = network.apply(new MagnitudePruning(0.5, Scope.GLOBAL, "fc2*"));
        assertThat(pruned.weight("fc1.weight")).isEqualTo(network.weight("fc1.weight"));
        assertThat(pruned.weight("fc2.weight").countNonZeros()).isEqualTo(12);
    }

    @Test
    void aPatternWithoutLayersOffersTheNearestNames() {
        assertThatThrownBy(() -> Networks.mlp(8, 6, 4).apply(new MagnitudePruning(0.5, Scope.GLOBAL, "fc3")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("No layer of network mlp is named fc3; did you mean fc1 or fc2?");
    }

    @Test
    void weightsBehindTransposeAndInConstantOperatorsArePruned() {
        Tensor weight = Networks.random(1, 4, 3, 4);
        Network network = Network.builder("constant")
                .input("x", "batch", 4)
                .node(Node.of("Constant", "c", List.of(), "w").with("value", Attribute.of(weight)))
                .node("Transpose", List.of("w"), "wt")
                .node("Identity", List.of("wt"), "wi")
                .node("MatMul", List.of("x", "wi"), "y")
                .output("y", "batch", 3)
                .build();
        assertThat(network.apply(new MagnitudePruning(0.5)).weight("w").countNonZeros())
                .isEqualTo(6);
    }

    @Test
    void embeddingsStayWholeEvenWhenTheyAreAnOutputLayerToo() {
        Network network = Network.builder("tied")
                .input(pomona.graph.Value.of("ids", ElementType.INT64, "batch"))
                .weight("table", Networks.random(1, 4, 10, 4))
                .weight("head", Networks.random(2, 4, 4, 4))
                .node("Gather", List.of("table", "ids"), "e")
                .node("MatMul", List.of("e", "head"), "h")
                .node("Transpose", List.of("table"), "t")
                .node("MatMul", List.of("h", "t"), "y")
                .output("y", "batch", 10)
                .build();
        Network pruned = network.apply(new MagnitudePruning(0.5));
        assertThat(pruned.weight("table")).isEqualTo(network.weight("table"));
        assertThat(pruned.weight("head").countNonZeros()).isEqualTo(8);
    }

    @Test
    void whatIsNoLayerGoesWhenItIsNamed() {
        Network network = Networks.mlp(16, 12, 8);
        Network pruned = network.apply(new MagnitudePruning(0.5, Scope.LAYER, "*, fc1.bias"));
        assertThat(pruned.weight("fc1.bias").countNonZeros()).isEqualTo(6);
        assertThat(pruned.weight("fc1.weight").countNonZeros()).isEqualTo(96);
        assertThat(pruned.weight("fc2.bias")).isEqualTo(network.weight("fc2.bias"));
        Network biases = network.apply(new ThresholdPruning(100, ThresholdUnit.ABSOLUTE, "*.bias"));
        assertThat(biases.weight("fc1.bias").countNonZeros()).isZero();
        assertThat(biases.weight("fc2.bias").countNonZeros()).isZero();
        assertThat(biases.weight("fc1.weight")).isEqualTo(network.weight("fc1.weight"));
        assertThatThrownBy(() -> network.apply(new MagnitudePruning(0.5, Scope.OUTPUT, "fc1.bias")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Weight fc1.bias has one dimension and no outputs; it goes weight by weight"
                        + " (granularity weight), with scope global or layer.");
    }

    @Test
    void anEmbeddingGoesWhenItIsNamed() {
        Network network = Network.builder("lookup")
                .input(pomona.graph.Value.of("ids", ElementType.INT64, "batch"))
                .weight("table", Networks.random(1, 4, 10, 4))
                .weight("head", Networks.random(2, 4, 4, 4))
                .node("Gather", List.of("table", "ids"), "e")
                .node("MatMul", List.of("e", "head"), "y")
                .output("y", "batch", 4)
                .build();
        Network pruned = network.apply(new MagnitudePruning(0.5, Scope.LAYER, "table"));
        assertThat(pruned.weight("table").countNonZeros()).isEqualTo(20);
        assertThat(pruned.weight("head")).isEqualTo(network.weight("head"));
    }

    @Test
    void halfPrecisionWeightsArePrunedInPlace() {
        java.nio.ByteBuffer halves = java.nio.ByteBuffer.allocate(8).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        for (int half : new int[] {0x3C00, 0xB800, 0x4000, 0x3400}) { // 1, -0.5, 2, 0.25
            halves.putShort((short) half);
        }
        Network network = oneLayer(Tensor.of(ElementType.FLOAT16, halves.flip(), 2, 2));
        Tensor pruned = network.apply(new MagnitudePruning(0.5)).weight("w");
        assertThat(pruned.type()).isEqualTo(ElementType.FLOAT16);
        assertThat(pruned.toFloatArray()).containsExactly(1f, 0f, 2f, 0f);
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.1, 1, 1.5, Double.NaN})
    void refusesASparsityOutOfRange(double sparsity) {
        assertThatThrownBy(() -> new MagnitudePruning(sparsity))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Sparsity " + sparsity + " is out of range; it is from 0 up to but not including 1.");
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.NEGATIVE_INFINITY})
    void refusesWeightsThatAreNotFinite(float bad) {
        Network network = oneLayer(Tensor.ofFloats(new float[] {1, bad}, 1, 2));
        assertThatThrownBy(() -> network.apply(new MagnitudePruning(0.5)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Weight w of layer y holds values that are NaN or infinite; weights to prune are finite.");
    }

    @Test
    void refusesANetworkWithoutWeights() {
        Network network = Network.builder("empty")
                .input("x", 1)
                .node("Relu", List.of("x"), "y")
                .output("y", 1)
                .build();
        assertThatThrownBy(() -> network.apply(new MagnitudePruning(0.5)))
                .hasMessage("Network empty has nothing to prune; a network to prune has Gemm, MatMul or Conv operators"
                        + " with constant floating-point weights.");
    }
}
