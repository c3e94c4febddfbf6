package pomona.pass;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.training.dataset.RandomAccessDataset;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import pomona.djl.IdxDataset;
import pomona.fuse.ParallelFusion;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.prune.MagnitudePruning;
import pomona.prune.ThresholdPruning;
import pomona.prune.ThresholdUnit;

class PassBindingTest {

    private static final Network A = tiny("a", 1);
    private static final Network B = tiny("b", 2);
    private static final Map<String, Object> VARIABLES = Map.of("a", A, "b", B, "text", "hello");

    private static Network tiny(String name, float weight) {
        return Network.builder(name)
                .input("x", "batch", 1)
                .weight("w", Tensor.ofFloats(new float[] {weight}, 1, 1))
                .node("MatMul", List.of("x", "w"), "y")
                .output("y", "batch", 1)
                .build();
    }

    private static Pass bind(String family, String method, Map<String, ?> options) {
        return PassBinding.of(family).bind(method, options, VARIABLES::get);
    }

    @Test
    void bindsTextAndObjectsToTheSameRecord() {
        ParallelFusion expected = new ParallelFusion(List.of(B), List.of(0.25, 0.75));

        assertThat(bind("fuse", "parallel", Map.of("peers", "b", "weights", "0.25, 0.75")))
                .isEqualTo(expected);
        assertThat(bind("fuse", "parallel", Map.of("peers", List.of(B), "weights", List.of(0.25, 0.75))))
                .isEqualTo(expected);
        assertThat(bind("fuse", null, Map.of("peers", "b"))).isEqualTo(new ParallelFusion(List.of(B)));
    }

    @Test
    void optionsTellTheMethod() {
        assertThat(bind("prune", null, Map.of("threshold", "0.1", "unit", "absolute")))
                .isEqualTo(new ThresholdPruning(0.1, ThresholdUnit.ABSOLUTE));
        assertThat(bind("prune", null, Map.of("sparsity", "0.5"))).isEqualTo(new MagnitudePruning(0.5));
        assertThatThrownBy(() -> bind("quantize", null, Map.of("bits", "4", "teacher", "b")))
                .hasMessageStartingWith("quantize --method dynamic has no option ");
    }

    @Test
    void namesWhatIsWrong() {
        assertThatThrownBy(() -> PassBinding.of("squeeze"))
                .hasMessage("There is no family of techniques squeeze; there is simplify, prune, quantize, distill,"
                        + " fuse and train.");
        assertThatThrownBy(() -> bind("fuse", "paralel", Map.of()))
                .hasMessage("fuse has no method paralel; did you mean parallel?");
        assertThatThrownBy(() -> bind("fuse", "parallel", Map.of("peer", "b")))
                .hasMessage("fuse --method parallel has no option peer; did you mean peers?");
        assertThatThrownBy(() -> bind("quantize", "dynamic", Map.of("calibration", "entropy")))
                .hasMessage("quantize --method dynamic has no option calibration; it is an option of static.");
        assertThatThrownBy(() -> bind("fuse", "parallel", Map.of()))
                .hasMessage("fuse --method parallel needs the option peers: the networks to set beside the first one.");
        assertThatThrownBy(() -> bind("fuse", "parallel", Map.of("peers", "text")))
                .hasMessage("peers (text) is a String, but it takes a Network.");
        assertThatThrownBy(() -> bind("fuse", "parallel", Map.of("peers", "b", "weights", "1,many")))
                .hasMessage("weights is many; it takes a number.");
    }

    /** Half a point, as the help's example has it, is 0.5%; the number 0.5 would be half of all. */
    @Test
    void sharesThatWereProbablyMeantAsPercentagesAreAskedFor() {
        RandomAccessDataset data = IdxDataset.test(Path.of("../../notebooks/data/mnist"));
        for (String method : List.of("max-drop", "mixed-precision")) {
            String family = method.equals("max-drop") ? "prune" : "quantize";
            for (Object half : List.of("0.5", 0.5)) {
                assertThatThrownBy(() -> bind(family, method, Map.of("max-drop", half, "data", data)))
                        .hasMessage("max-drop is 0.5, which is 50 percent; write 0.5% or 50%, whichever is meant.");
            }
            assertThatThrownBy(() -> bind(family, method, Map.of("max-drop", "1", "data", data)))
                    .hasMessage("max-drop is 1, which is 100 percent; write 1% or 100%, whichever is meant.");
            assertThatThrownBy(() -> bind(family, method, Map.of("max-drop", "50", "data", data)))
                    .hasMessage(
                            "max-drop must be 0 to 1, where 0.005 or 0.5% is half a percentage point; it was 50.0.");
            for (String fine : List.of("50%", "0.5%", "0.1", "0.005")) {
                assertThat(bind(family, method, Map.of("max-drop", fine, "data", data))
                                .step()
                                .options()
                                .get("maxDrop"))
                        .isEqualTo(
                                fine.endsWith("%")
                                        ? String.valueOf(Double.parseDouble(fine.replace("%", "")) / 100)
                                        : fine);
            }
        }
    }

    @Test
    void readsARecipe() {
        Recipe recipe = Recipe.parse("- fuse: {method: parallel, peers: [b], weights: [1, 3]}\n", VARIABLES);

        assertThat(recipe).isEqualTo(Recipe.of(new ParallelFusion(List.of(B), List.of(1.0, 3.0))));
        assertThat(A.apply(recipe).provenance()).hasToString("[ParallelFusion(peers=[b], weights=[1.0, 3.0])]");
    }

    @Test
    void aRecipeKnowsSchemesAsTheMagicDoes() {
        RandomAccessDataset data = IdxDataset.test(Path.of("../../notebooks/data/mnist"));
        Map<String, Object> variables = Map.of("train", data);
        Recipe usual =
                Recipe.parse("- quantize: {method: static, data: train, calibration: entropy, samples: 8}", variables);
        assertThat(usual.passes().get(0))
                .isEqualTo(bind("quantize", "static", Map.of("data", data, "calibration", "entropy", "samples", 8)));
        for (String other : List.of(
                "{scheme: static, calibrate: train, method: entropy, samples: 8}",
                "{method: entropy, samples: 8, scheme: static, data: train}",
                "{method: static, calibrate: train, calibration: entropy, samples: 8}")) {
            assertThat(Recipe.parse("- quantize: " + other, variables)).isEqualTo(usual);
        }
        assertThat(Recipe.parse("- quantize: {scheme: dynamic}", variables))
                .isEqualTo(Recipe.parse("- quantize: {method: dynamic}", variables));
        assertThatThrownBy(() -> Recipe.parse("- quantize: {scheme: static, method: dynamic}", variables))
                .hasMessage(
                        "quantize was given scheme and the method dynamic; beside scheme, method is the calibration,"
                                + " so give scheme dynamic or method dynamic alone.");
        assertThatThrownBy(() -> Recipe.parse("- quantize: {calibrate: train, data: train}", variables))
                .hasMessage("quantize was given data twice, once in another word; give it once.");
        assertThatThrownBy(() -> Recipe.parse("- prune: {scheme: magnitude}", variables))
                .hasMessageStartingWith("prune --method magnitude has no option scheme");
    }

    @Test
    void refusesWhatIsNotARecipe() {
        assertThatThrownBy(() -> Recipe.parse("fuse: {peers: [b]}", VARIABLES))
                .hasMessage("The recipe is not understood at line 1; a recipe is a list of entries such as"
                        + " \"- prune: {method: magnitude, sparsity: 0.9}\".")
                .hasNoCause();
        assertThatThrownBy(() -> Recipe.parse("- fuse: {peers: [c]}", VARIABLES))
                .hasMessageStartingWith("There is no variable c; did you mean ");
        assertThatThrownBy(() -> Recipe.parse("- fuse: [", VARIABLES))
                .hasMessage("The recipe is not understood at line 1; a recipe is a list of entries such as"
                        + " \"- prune: {method: magnitude, sparsity: 0.9}\".");
        assertThatThrownBy(() -> Recipe.read(Path.of("nowhere.yaml"), VARIABLES))
                .hasMessage("There is no file nowhere.yaml; give the path of a recipe in YAML.");
    }

    @Test
    void saysHowManyNamesItLeavesOut() {
        List<String> names = java.util.stream.IntStream.range(10, 24)
                .mapToObj(i -> "layer" + i)
                .toList();
        assertThat(NearestNames.suggest("conv", names))
                .isEqualTo("; there is layer10, layer11, layer12, layer13, layer14, layer15, layer16, layer17, layer18,"
                        + " layer19, layer20, layer21 and 2 more.");
        assertThat(NearestNames.suggest("conv", names.subList(0, 2))).isEqualTo("; there is layer10, layer11.");
    }

    @Test
    void suggestsByEditDistance() {
        assertThat(NearestNames.distance("kitten", "sitting")).isEqualTo(3);
        assertThat(NearestNames.of("sparcity", List.of("sparsity", "scope"))).containsExactly("sparsity");
    }
}
