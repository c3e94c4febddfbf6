package pomona.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import pomona.Equality;
import pomona.Networks;
import pomona.djl.IdxDataset;
import pomona.evaluate.Profile;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.structure.Topologies;

class ChannelPruningTest {

    @Test
    void removesTheShareOfEveryLayerAndSaysHowMuchThatIs() {
        Network pruned = Topologies.chain().apply(new ChannelPruning(0.5));
        assertThat(pruned.weight("c1.w").shape()).containsExactly(4, 3, 3, 3);
        assertThat(pruned.weight("bn1.variance").shape()).containsExactly(4);
        assertThat(pruned.weight("c2.w").shape()).containsExactly(6, 4, 3, 3);
        assertThat(pruned.weight("slope").shape()).containsExactly(6, 1, 1);
        assertThat(pruned.weight("fc.w").shape()).containsExactly(5, 6);
        assertThat(pruned.signature()).isEqualTo(Topologies.chain().signature());
        assertThat(pruned.provenance()).singleElement().satisfies(step -> assertThat(step.options())
                .containsEntry("parameters", "1,193 to 383 (-67.9 %)")
                .containsEntry("macs", "69,180 to 20,766 (-70.0 %)"));
    }

    @Test
    void theLeastGoes() {
        float[] filters = new float[4 * 2];
        float[] sizes = {3, -0.5f, 0.1f, -2};
        for (int i = 0; i < 8; i++) {
            filters[i] = sizes[i / 2];
        }
        Network network = twoLayers(Tensor.ofFloats(filters, 4, 2));
        Network pruned = network.apply(new ChannelPruning(0.5, Scope.LAYER, ChannelImportance.L1));
        assertThat(pruned.weight("a").toFloatArray()).containsExactly(3, 3, -2, -2);
    }

    /** Four neurons, read by equal weights. */
    private static Network twoLayers(Tensor first) {
        float[] ones = new float[4];
        Arrays.fill(ones, 1);
        return Network.builder("two")
                .input("x", "batch", 2)
                .weight("a", first)
                .weight("b", Tensor.ofFloats(ones, 4, 1))
                .node(pomona.graph.Node.of("Gemm", "first", List.of("x", "a"), "h")
                        .with("transB", pomona.graph.Attribute.of(1)))
                .node("Relu", List.of("h"), "r")
                .node("MatMul", List.of("r", "b"), "y")
                .output("y", "batch", 1)
                .build();
    }

    @Test
    void theGeometricMedianTakesWhatOthersCanStandInFor() {
        // The first two are alike; one of them goes, although the third is the smallest.
        Network network = twoLayers(Tensor.ofFloats(new float[] {5, 5, 5, 5.1f, 0.1f, 0, 9, -9}, 4, 2));
        Network pruned = network.apply(new ChannelPruning(0.25, Scope.LAYER, ChannelImportance.GEOMETRIC_MEDIAN));
        assertThat(pruned.weight("a").toFloatArray()).containsExactly(5, 5.1f, 0.1f, 0, 9, -9);
    }

    @Test
    void batchNormScalesDecideWhereThereAreSome() {
        Network network = Topologies.chain();
        Network pruned = network.apply(new ChannelPruning(0.5, Scope.LAYER, ChannelImportance.BATCH_NORM_SCALE));
        float[] scales = network.weight("bn1.scale").toFloatArray();
        Arrays.sort(scales);
        float[] kept = pruned.weight("bn1.scale").toFloatArray();
        Arrays.sort(kept);
        assertThat(kept).containsExactly(Arrays.copyOfRange(scales, 4, 8));
        assertThat(pruned.weight("c2.w").dim(0)).isEqualTo(12);
        assertThat(pruned.provenance().get(0).options())
                .containsEntry("leftAlone", "c2: goes through no BatchNormalization");
        assertThatThrownBy(() -> Networks.mlp(4, 6, 2)
                        .apply(new ChannelPruning(0.5, Scope.LAYER, ChannelImportance.BATCH_NORM_SCALE)))
                .hasMessage("Network mlp has no channels that go through a BatchNormalization; choose another"
                        + " importance, such as l2.");
    }

    @ParameterizedTest
    @EnumSource(names = {"TAYLOR", "ACTIVATION"})
    void dataTellsWhatNothingDependsOn(ChannelImportance importance) {
        // Channels 1 and 5 of c3 are cut off by their scale and shift: nothing comes of them, and no gradient to them.
        Network network = Topologies.digits();
        float[] scale = network.weight("bn3.scale").toFloatArray();
        float[] shift = network.weight("bn3.shift").toFloatArray();
        for (int dead : new int[] {1, 5}) {
            scale[dead] = 0;
            shift[dead] = -1;
        }
        Network known = network.withWeights(
                Map.of("bn3.scale", Tensor.ofFloats(scale, 16), "bn3.shift", Tensor.ofFloats(shift, 16)));
        IdxDataset data = IdxDataset.test(Path.of("../../notebooks/data/mnist")).limit(48);
        Network pruned = known.apply(new ChannelPruning(0.125, Scope.LAYER, importance, data)
                .withLayers("c3")
                .withReestimate(false));
        assertThat(pruned.weight("fc.w").shape()).containsExactly(10, 14);
        Equality.assertSameOutputs(known, pruned, 1e-5);
    }

    @Test
    void allLayersTogetherLoseTheShareButEachKeepsWhatItMust() {
        Network pruned = Networks.lenet300()
                .apply(new ChannelPruning(0.9, Scope.GLOBAL, ChannelImportance.L2).withMinimumKept(15));
        long kept =
                pruned.weight("fc1.weight").dim(0) + pruned.weight("fc2.weight").dim(0);
        assertThat(kept).isEqualTo(40);
        assertThat(pruned.weight("fc1.weight").dim(0)).isGreaterThanOrEqualTo(15);
        assertThat(pruned.weight("fc2.weight").dim(0)).isGreaterThanOrEqualTo(15);
    }

    @ParameterizedTest
    @EnumSource(names = {"PARAMETERS", "MACS"})
    void theShareCanBeOfParametersOrMultiplyAccumulates(PruningTarget target) {
        Network network = Topologies.digits();
        long whole = target.of(Profile.of(network));
        for (Scope scope : new Scope[] {Scope.LAYER, Scope.GLOBAL}) {
            for (double ratio : new double[] {0.1, 0.5, 0.7}) {
                ChannelPruning pruning = new ChannelPruning(ratio, scope, ChannelImportance.L2).withTarget(target);
                double gone = 1 - target.of(Profile.of(network.apply(pruning))) / (double) whole;
                // One step of the layers takes a few percent of so small a network.
                assertThat(gone).isBetween(ratio, ratio + 0.16);
            }
        }
        assertThat(network.apply(new ChannelPruning(0.5).withTarget(PruningTarget.MACS))
                        .provenance())
                .singleElement()
                .satisfies(step -> assertThat(step.options())
                        .containsEntry("target", "macs")
                        .containsKey("parameters")
                        .containsKey("macs"));
    }

    @Test
    void refusesATargetThatCanNotBeReached() {
        Network network = Networks.lenet300();
        assertThatThrownBy(() -> network.apply(
                        new ChannelPruning(0.9).withMinimumKept(60).withTarget(PruningTarget.MACS)))
                .hasMessage("Network lenet-300-100 can lose at most 80.8 % of its multiply-accumulates this way; ratio"
                        + " 0.9 is more.");
        assertThatThrownBy(() -> new ChannelPruning(0.5).withTarget(null))
                .hasMessage("Option target was not given; it is channels, parameters or macs.");
        assertThat(network).isEqualTo(Networks.lenet300());
    }

    @Test
    void whatIsKeptCanBeAMultiple() {
        Network pruned = Networks.lenet300().apply(new ChannelPruning(0.5).withRoundTo(16));
        assertThat(pruned.weight("fc1.weight").dim(0)).isEqualTo(160);
        assertThat(pruned.weight("fc2.weight").dim(0)).isEqualTo(64);
    }

    @Test
    void aGroupGoesWhenOneOfItsLayersIsChosen() {
        Network pruned = Topologies.residual().apply(new ChannelPruning(0.5).withLayers("c2"));
        assertThat(pruned.weight("stem.w").dim(0)).isEqualTo(4);
        assertThat(pruned.weight("c2.w").shape()).containsExactly(4, 6, 3, 3);
        assertThat(pruned.weight("c1.w").shape()).containsExactly(6, 4, 3, 3);
    }

    @ParameterizedTest
    @EnumSource(names = {"LAYER", "GLOBAL"})
    void theSameSeedMakesTheSameNetwork(Scope scope) {
        ChannelPruning random = new ChannelPruning(0.4, scope, ChannelImportance.RANDOM);
        assertThat(Topologies.unet().apply(random)).isEqualTo(Topologies.unet().apply(random));
        assertThat(Topologies.unet().apply(random))
                .isNotEqualTo(Topologies.unet().apply(random.withSeed(1)));
    }

    @Test
    void aRatioOfZeroChangesNothing() {
        Network network = Topologies.residual();
        Equality.assertSameOutputs(network, network.apply(new ChannelPruning(0)), 0);
    }

    @Test
    void saysWhatAnOperatorKeptItFromRemoving() {
        Network pruned = Topologies.unknown().apply(new ChannelPruning(0.5));
        assertThat(pruned.weight("c1.w").dim(0)).isEqualTo(8);
        assertThat(pruned.weight("c2.w").dim(0)).isEqualTo(3);
        assertThat(pruned.provenance().get(0).options())
                .containsEntry("leftAlone", "c1: operator lrn (LRN) couples its channels in an unknown way");
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.1, 1, Double.NaN})
    void refusesARatioOutOfRange(double ratio) {
        assertThatThrownBy(() -> new ChannelPruning(ratio))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Ratio " + ratio + " is out of range; it is from 0 up to but not including 1.");
    }

    @Test
    void refusesWhatMakesNoSense() {
        Network network = Topologies.chain();
        assertThatThrownBy(() -> network.apply(new ChannelPruning(0.5).withLayers("c3")))
                .hasMessage("No layer of network chain is named c3; did you mean c1 or c2?");
        assertThatThrownBy(() -> network.apply(new ChannelPruning(0.5).withLayers("fc")))
                .hasMessage("Network chain has no channels to remove in layers fc; layer fc keeps all: it makes the"
                        + " output fc.out.");
        assertThatThrownBy(() -> network.apply(new HeadPruning(0.5)))
                .hasMessage("Network chain has no heads to remove in layers *; choose other layers.");
        assertThatThrownBy(() -> new ChannelPruning(0.5).withRoundTo(0))
                .hasMessage("round-to must be 1 or more; it was 0.");
        assertThatThrownBy(() -> new ChannelPruning(0.5).withMinimumKept(-1))
                .hasMessage("minimum-kept must be 1 or more; it was -1.");
        assertThatThrownBy(() -> new ChannelPruning(0.5, Scope.LAYER, ChannelImportance.TAYLOR))
                .hasMessage("Importance taylor is measured on data; none was given (option data).");
        assertThatThrownBy(() -> new ChannelPruning(0.5, Scope.OUTPUT, ChannelImportance.L2))
                .hasMessage("Scope output is for single weights; whole channels and heads go by layer or global.");
        assertThat(network).isEqualTo(Topologies.chain());
    }
}
