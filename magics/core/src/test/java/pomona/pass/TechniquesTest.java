package pomona.pass;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import pomona.djl.IdxDataset;
import pomona.prune.Granularity;
import pomona.prune.LayerTargets;
import pomona.prune.MagnitudePruning;
import pomona.prune.Scope;
import pomona.prune.Selection;
import pomona.prune.TaylorPruning;
import pomona.prune.ThresholdPruning;
import pomona.prune.ThresholdUnit;
import pomona.prune.WandaPruning;
import pomona.quantize.Calibration;
import pomona.quantize.DynamicQuantization;
import pomona.quantize.ReducedRange;
import pomona.quantize.StaticQuantization;
import pomona.simplify.AllFolding;
import pomona.simplify.OpsetUpgrade;

/** Every technique can be spelled as a magic or in YAML, with the defaults that its record documents. */
class TechniquesTest {

    private static final IdxDataset IMAGES = IdxDataset.test(Path.of("../../notebooks/data/mnist"));

    private static Pass bind(String family, String method, Map<String, ?> options) {
        return PassBinding.of(family).bind(method, options, Map.of("images", IMAGES)::get);
    }

    @Test
    void prune() {
        assertThat(PassBinding.of("prune").methods().keySet())
                .containsExactly(
                        "magnitude",
                        "threshold",
                        "random",
                        "lamp",
                        "taylor",
                        "snip",
                        "optimal-brain-damage",
                        "wanda",
                        "sparse-gpt",
                        "iterative",
                        "gradual",
                        "movement",
                        "max-drop",
                        "channel",
                        "head",
                        "constant-channel",
                        "depth");
        assertThat(bind("prune", null, Map.of())).isEqualTo(new MagnitudePruning(0.5));
        assertThat(bind("prune", "magnitude", Map.of("sparsity", "0.9", "scope", "layer", "layers", "fc*")))
                .isEqualTo(new MagnitudePruning(0.9, Scope.LAYER, "fc*"));
        assertThat(bind("prune", "threshold", Map.of("threshold", "0.25")))
                .isEqualTo(new ThresholdPruning(0.25, ThresholdUnit.ABSOLUTE));
        assertThat(bind(
                        "prune",
                        "magnitude",
                        Map.of("granularity", "4x1", "targets", "conv1=0.3", "minimum-kept", "2%")))
                .isEqualTo(new MagnitudePruning(
                        0.5,
                        Scope.GLOBAL,
                        new Selection("*", Granularity.block(4, 1), LayerTargets.parse("conv1=0.3"), 0.02)));
        assertThat(bind("prune", "taylor", Map.of("data", "images"))).isEqualTo(new TaylorPruning(0.5, IMAGES));
        assertThat(bind("prune", "wanda", Map.of("data", "images"))).isEqualTo(new WandaPruning(0.5, IMAGES));
        assertThatThrownBy(() -> bind("prune", null, Map.of("granularity", "3:2")))
                .hasMessage("Granularity 3:2 keeps 3 of every 2 weights; the first number is from 1 up to but not"
                        + " including the second, as in 2:4.");
        assertThatThrownBy(() -> bind("prune", null, Map.of("sparsity", "1.5")))
                .hasMessage("Sparsity 1.5 is out of range; it is from 0 up to but not including 1.");
    }

    @Test
    void quantize() {
        assertThat(PassBinding.of("quantize").methods().keySet())
                .containsExactly(
                        "dynamic",
                        "static",
                        "weight-only",
                        "gptq",
                        "hqq",
                        "awq",
                        "float16",
                        "bfloat16",
                        "cross-layer-equalization",
                        "smooth-quant",
                        "gelu-approximation",
                        "adaptive-rounding",
                        "bias-correction",
                        "mixed-precision",
                        "quantization-aware-training",
                        "weight-sharing",
                        "ternary",
                        "binary",
                        "clamp");
        assertThat(bind("quantize", null, Map.of())).isEqualTo(new DynamicQuantization());
        assertThat(bind("quantize", "static", Map.of("data", "images"))).isEqualTo(new StaticQuantization(IMAGES));
        assertThat(bind(
                        "quantize",
                        "static",
                        Map.of(
                                "data",
                                "images",
                                "samples",
                                "64",
                                "calibration",
                                "percentile",
                                "per-channel",
                                "false",
                                "reduced-range",
                                "on")))
                .isEqualTo(
                        new StaticQuantization(IMAGES, 64, Calibration.PERCENTILE, 99.99, false, ReducedRange.ON, "*"));
    }

    @Test
    void simplify() {
        assertThat(PassBinding.of("simplify").methods().keySet())
                .containsExactly(
                        "all",
                        "constant",
                        "shape",
                        "branch",
                        "identity",
                        "common-subexpression",
                        "batch-norm",
                        "dead-node-elimination",
                        "opset-upgrade",
                        "name-shortening");
        assertThat(bind("simplify", "opset-upgrade", Map.of("opset", "17"))).isEqualTo(new OpsetUpgrade(17));
        assertThat(bind("simplify", null, Map.of())).isEqualTo(new AllFolding());
    }
}
