package pomona.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import pomona.Networks;
import pomona.graph.Attribute;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;

/** Granularities, targets of single layers, minimums and scopes, on magnitudes. */
class SelectionTest {

    private static final Network MLP = Networks.mlp(16, 12, 8);

    private static Network prune(Network network, double sparsity, Scope scope, Selection selection) {
        return network.apply(new MagnitudePruning(sparsity, scope, selection));
    }

    private static double sparsity(Network network, String weight) {
        Tensor tensor = network.weight(weight);
        return 1 - (double) tensor.countNonZeros() / tensor.size();
    }

    @ParameterizedTest
    @ValueSource(strings = {"2:4", "1:4", "4:8"})
    void keepsSomeOfEveryFewAlongTheInputs(String text) {
        Granularity granularity = Granularity.parse(text);
        double share = granularity.sparsity();
        for (Network network : List.of(MLP, Networks.matMulAdd())) {
            Selection selection =
                    Selection.layers(network == MLP ? "fc1" : "a.weight").withGranularity(granularity);
            Network pruned = prune(network, share, Scope.GLOBAL, selection);
            for (LayerWeight before : LayerWeight.of(network)) {
                if (before.name().equals("fc1.weight") || before.name().equals("a.weight")) {
                    checkGroups(before, pruned.weight(before.name()).toFloatArray(), granularity);
                } else {
                    assertThat(pruned.weight(before.name())).isEqualTo(before.tensor());
                }
            }
        }
    }

    /** Gemm stores (outputs, inputs) here and MatMul (inputs, outputs); groups run along the inputs in both. */
    private static void checkGroups(LayerWeight weight, float[] after, Granularity granularity) {
        float[] before = weight.tensor().toFloatArray();
        boolean rowsAreOutputs = weight.outputAxis() == 0;
        int outputs = (int) weight.tensor().dim(weight.outputAxis());
        int inputs = (int) weight.tensor().dim(1 - weight.outputAxis());
        for (int o = 0; o < outputs; o++) {
            for (int start = 0; start < inputs; start += granularity.second()) {
                int kept = 0;
                float smallestKept = Float.MAX_VALUE;
                float largestGone = 0;
                for (int i = start; i < start + granularity.second(); i++) {
                    int element = rowsAreOutputs ? o * inputs + i : i * outputs + o;
                    if (after[element] != 0) {
                        kept++;
                        assertThat(after[element]).isEqualTo(before[element]);
                        smallestKept = Math.min(smallestKept, Math.abs(before[element]));
                    } else {
                        largestGone = Math.max(largestGone, Math.abs(before[element]));
                    }
                }
                assertThat(kept).isEqualTo(granularity.first());
                assertThat(largestGone).isLessThanOrEqualTo(smallestKept);
            }
        }
    }

    @Test
    void someOfManyRunsAlongTheChannelsOfAConvolution() {
        Network network = Networks.cnn();
        Network pruned = prune(
                network, 0.5, Scope.GLOBAL, new Selection("conv2", Granularity.someOf(2, 4), LayerTargets.NONE, 0));
        Tensor weight = pruned.weight("conv2.weight");
        int places = (int) (weight.dim(2) * weight.dim(3));
        float[] values = weight.toFloatArray();
        for (int o = 0; o < weight.dim(0); o++) {
            for (int place = 0; place < places; place++) {
                int kept = 0;
                for (int channel = 0; channel < 4; channel++) {
                    kept += values[(o * (int) weight.dim(1) + channel) * places + place] != 0 ? 1 : 0;
                }
                assertThat(kept).isEqualTo(2);
            }
        }
    }

    @Test
    void aNumberOfInputsThatIsNoMultipleIsRefused() {
        Selection selection = Selection.ALL.withGranularity(Granularity.someOf(2, 4));
        assertThatThrownBy(() -> prune(Networks.mlp(6, 4), 0.5, Scope.GLOBAL, selection))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Granularity 2:4 needs a multiple of 4 inputs for each output; weight fc1.weight has 6;"
                        + " leave it out with layers \"*, !fc1.weight\".");
        assertThatThrownBy(() -> prune(Networks.mlp(6, 8, 7, 4), 0.5, Scope.GLOBAL, selection))
                .hasMessage("Granularity 2:4 needs a multiple of 4 inputs for each output; weight fc1.weight has 6,"
                        + " weight fc3.weight has 7; leave them out with layers \"*, !fc1.weight, !fc3.weight\".");
    }

    @Test
    void sparsityOfThreeOfSevenIsGivenToFourPlaces() {
        Selection selection = Selection.ALL.withGranularity(Granularity.someOf(3, 7));
        Network pruned = prune(Networks.mlp(14, 5), 0.5714, Scope.GLOBAL, selection);
        assertThat(pruned.weight("fc1.weight").toFloatArray())
                .satisfies(values -> assertThat(IntStream.range(0, values.length)
                                .filter(i -> values[i] != 0)
                                .count())
                        .isEqualTo(5 * 14 * 3 / 7));
    }

    @Test
    void blocksGoByTheirSquaresWithL2() {
        Tensor weight = Tensor.ofFloats(new float[] {3, 0.5f, 2, 2, 1, 1, -4, 0.1f}, 4, 2);
        Network network = Network.builder("blocks")
                .input("x", "batch", 2)
                .weight("w", weight)
                .node(Node.of("Gemm", "fc", List.of("x", "w"), "y").with("transB", Attribute.of(1)))
                .output("y", "batch", 4)
                .build();
        Selection rows = Selection.ALL.withGranularity(Granularity.block(1, 2));
        // Means 1.75, 2, 1, 2.05; squares 4.6, 4, 1, 8.
        assertThat(network.apply(new MagnitudePruning(0.5, Scope.LAYER, BlockNorm.L1, rows))
                        .weight("w")
                        .toFloatArray())
                .containsExactly(0, 0, 2, 2, 0, 0, -4, 0.1f);
        assertThat(network.apply(new MagnitudePruning(0.5, Scope.LAYER, BlockNorm.L2, rows))
                        .weight("w")
                        .toFloatArray())
                .containsExactly(3, 0.5f, 0, 0, 0, 0, -4, 0.1f);
    }

    @Test
    void blocksGoAsOne() {
        Network pruned = prune(MLP, 0.5, Scope.LAYER, Selection.layers("fc1").withGranularity(Granularity.block(4, 1)));
        float[] before = MLP.weight("fc1.weight").toFloatArray();
        float[] after = pruned.weight("fc1.weight").toFloatArray();
        double smallestKept = Double.MAX_VALUE;
        double largestGone = 0;
        int gone = 0;
        for (int block = 0; block < 3; block++) {
            for (int column = 0; column < 16; column++) {
                double sum = 0;
                int zeros = 0;
                for (int row = 4 * block; row < 4 * block + 4; row++) {
                    sum += Math.abs(before[row * 16 + column]);
                    zeros += after[row * 16 + column] == 0 ? 1 : 0;
                }
                assertThat(zeros).isIn(0, 4);
                gone += zeros / 4;
                smallestKept = zeros == 0 ? Math.min(smallestKept, sum) : smallestKept;
                largestGone = zeros == 4 ? Math.max(largestGone, sum) : largestGone;
            }
        }
        assertThat(gone).isEqualTo(24);
        assertThat(largestGone).isLessThan(smallestKept);
    }

    @Test
    void blocksAtTheEdgeAreSmaller() {
        Network pruned =
                prune(Networks.mlp(10, 6), 0.5, Scope.GLOBAL, Selection.ALL.withGranularity(Granularity.block(4, 4)));
        // Two rows of three blocks: 4x4, 4x4, 4x2 and 2x4, 2x4, 2x2. Three of the six go.
        float[] values = pruned.weight("fc1.weight").toFloatArray();
        int gone = 0;
        for (int row = 0; row < 6; row += 4) {
            for (int column = 0; column < 10; column += 4) {
                gone += values[row * 10 + column] == 0 ? 1 : 0;
            }
        }
        assertThat(gone).isEqualTo(3);
    }

    @Test
    void layersCanHaveTargetsOfTheirOwn() {
        LayerTargets targets = LayerTargets.parse("fc*=0.75, fc2=0.25");
        Network pruned = prune(MLP, 0.9, Scope.GLOBAL, Selection.ALL.withTargets(targets));
        assertThat(sparsity(pruned, "fc1.weight")).isEqualTo(0.75);
        assertThat(sparsity(pruned, "fc2.weight")).isEqualTo(0.25);
        Network mixed = prune(MLP, 0.5, Scope.GLOBAL, Selection.ALL.withTargets(LayerTargets.of(Map.of("fc2", 0.0))));
        assertThat(sparsity(mixed, "fc2.weight")).isZero();
        assertThat(sparsity(mixed, "fc1.weight")).isEqualTo(0.5);
    }

    @Property(tries = 50)
    void everyLayerKeepsItsMinimumAndTheOthersMakeUpForIt(
            @ForAll @DoubleRange(min = 0, max = 0.9) double sparsity,
            @ForAll @DoubleRange(min = 0, max = 0.1) double minimum) {
        // The second layer is a thousand times smaller: without a minimum it would be emptied first.
        Network network = MLP.withWeights(Map.of(
                "fc2.weight", Tensor.ofFloats(scaled(MLP.weight("fc2.weight").toFloatArray()), 8, 12)));
        Network pruned = prune(network, sparsity, Scope.GLOBAL, Selection.ALL.withMinimumKept(minimum));
        long kept = 0;
        long least = 0;
        for (LayerWeight weight : LayerWeight.of(pruned)) {
            long leastHere = (long) Math.ceil(minimum * weight.tensor().size());
            kept += weight.tensor().countNonZeros();
            least += leastHere;
            assertThat(weight.tensor().countNonZeros()).isGreaterThanOrEqualTo(leastHere);
        }
        // At 0.9 and 0.1 each layer's rounding up leaves one weight more than the sparsity asks for.
        assertThat(288 - kept).isEqualTo(Math.min(Math.round(sparsity * 288), 288 - least));
    }

    private static float[] scaled(float[] values) {
        for (int i = 0; i < values.length; i++) {
            values[i] *= 1e-3f;
        }
        return values;
    }

    @Test
    void outputScopeGivesEveryOutputTheSameShare() {
        Network pruned = prune(MLP, 0.75, Scope.OUTPUT, Selection.ALL);
        float[] values = pruned.weight("fc1.weight").toFloatArray();
        for (int row = 0; row < 12; row++) {
            int kept = 0;
            for (int column = 0; column < 16; column++) {
                kept += values[row * 16 + column] != 0 ? 1 : 0;
            }
            assertThat(kept).isEqualTo(4);
        }
    }

    @Test
    void aPatternCanTakeAway() {
        Network pruned = prune(MLP, 0.5, Scope.GLOBAL, Selection.layers("*, !fc2"));
        assertThat(sparsity(pruned, "fc1.weight")).isEqualTo(0.5);
        assertThat(sparsity(pruned, "fc2.weight")).isZero();
        assertThat(sparsity(prune(MLP, 0.5, Scope.GLOBAL, Selection.layers("!fc1")), "fc2.weight"))
                .isEqualTo(0.5);
        assertThatThrownBy(() -> prune(MLP, 0.5, Scope.GLOBAL, Selection.layers("fc1, !fc*")))
                .hasMessage("Layers fc1, !fc* leaves no layer of network mlp; choose at least one.");
    }

    @Test
    void whatDoesNotGoTogetherIsRefused() {
        assertThatThrownBy(() -> Granularity.someOf(4, 2))
                .hasMessage("Granularity 4:2 keeps 4 of every 2 weights; the first number is from 1 up to but not"
                        + " including the second, as in 2:4.");
        assertThatThrownBy(() -> Granularity.parse("4by1"))
                .hasMessage("Granularity 4by1 is not known; it is weight, a block such as 4x1, or N:M such as 2:4.");
        assertThatThrownBy(() -> Granularity.block(0, 4))
                .hasMessage("Block 0x4 is empty; it has 1 or more rows and columns.");
        assertThatThrownBy(() -> prune(MLP, 0.9, Scope.GLOBAL, Selection.ALL.withGranularity(Granularity.someOf(2, 4))))
                .hasMessage("Granularity 2:4 makes 0.5 of the weights zero, but sparsity is 0.9; give sparsity 0.5.");
        assertThatThrownBy(() -> prune(MLP, 0.5, Scope.GLOBAL, Selection.ALL.withGranularity(Granularity.someOf(3, 7))))
                .hasMessage("Granularity 3:7 makes 0.5714 of the weights zero, but sparsity is 0.5; give sparsity"
                        + " 0.5714.");
        assertThatThrownBy(() -> prune(MLP, 0.5, Scope.OUTPUT, Selection.ALL.withGranularity(Granularity.block(4, 1))))
                .hasMessage("Blocks (4x1) reach over several outputs; scope is global or layer with them.");
        assertThatThrownBy(() -> Selection.ALL.withMinimumKept(1.5))
                .hasMessage("minimum-kept must be 0 to 1; it was 1.5.");
        assertThatThrownBy(() -> LayerTargets.parse("fc1"))
                .hasMessage("Target fc1 is not understood; it is a layer and its sparsity, such as fc*=0.95.");
        assertThatThrownBy(() -> LayerTargets.parse("fc1=1.2"))
                .hasMessage("Sparsity 1.2 of layer fc1 is out of range; it is from 0 up to but not including 1.");
        assertThatThrownBy(
                        () -> prune(MLP, 0.5, Scope.GLOBAL, Selection.ALL.withTargets(LayerTargets.parse("fc3=0.5"))))
                .hasMessage("No layer of network mlp is named fc3; did you mean fc1 or fc2?");
    }

    @Test
    void textIsReadBack() {
        for (String text : List.of("weight", "4x1", "16x16", "2:4")) {
            assertThat(Granularity.parse(text)).hasToString(text).isEqualTo(Granularity.parse(text));
        }
        assertThat(LayerTargets.parse("conv1=0.3, fc*=0.95")).hasToString("conv1=0.3, fc*=0.95");
        assertThat(LayerTargets.parse("none")).isEqualTo(LayerTargets.NONE).hasToString("none");
    }
}
