package pomona.pass;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import pomona.Networks;
import pomona.evaluate.LayerNames;
import pomona.graph.ElementType;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.graph.Value;
import pomona.prune.MagnitudePruning;
import pomona.prune.Scope;
import pomona.quantize.WeightOnlyQuantization;

class LayerPatternTest {

    /** As PyTorch exports it: operators are paths, and weights that were transposed or folded have numbers. */
    private static final Network NETWORK = Network.builder("net")
            .input(Value.of("x", ElementType.FLOAT, "batch", 4))
            .weight("onnx::MatMul_1", Networks.random(1, 4, 4, 4))
            .weight("onnx::MatMul_2", Networks.random(2, 4, 4, 4))
            .weight("onnx::MatMul_3", Networks.random(3, 4, 4, 4))
            .weight("c1", Networks.random(4, 4, 4, 4))
            .weight("onnx::MatMul_5", Networks.random(5, 4, 4, 4))
            .weight("onnx::MatMul_6", Networks.random(6, 4, 4, 4))
            .node(Node.of("MatMul", "/c1/MatMul", List.of("x", "onnx::MatMul_1"), "a"))
            .node(Node.of("MatMul", "/bl/bl.0/f/MatMul", List.of("a", "onnx::MatMul_2"), "b"))
            .node(Node.of("MatMul", "/bl/bl.1/f/MatMul", List.of("b", "onnx::MatMul_3"), "c"))
            .node(Node.of("MatMul", "/last/MatMul", List.of("c", "c1"), "d"))
            .node(Node.of("MatMul", "/twice/MatMul", List.of("d", "onnx::MatMul_5"), "e"))
            .node(Node.of("MatMul", "/twice/MatMul_1", List.of("e", "onnx::MatMul_6"), "y"))
            .output("y", "batch", 4)
            .build();

    private static List<String> chosen(String pattern) {
        return new LayerPattern(pattern)
                .select("net", LayerWeight.of(NETWORK)).stream()
                        .map(LayerWeight::name)
                        .toList();
    }

    @Test
    void everyNameThatTablesShowChoosesItsLayer() {
        List<String> weights = new ArrayList<>();
        LayerNames.of(NETWORK).forEach((weight, shown) -> {
            weights.add(weight);
            if (!shown.equals("c1")) {
                assertThat(chosen(shown)).as(shown).containsExactly(weight);
            }
        });
        assertThat(weights).hasSize(6);
        assertThat(chosen("bl.bl.0.f")).containsExactly("onnx::MatMul_2");
        assertThat(chosen("twice (onnx::MatMul_6)")).containsExactly("onnx::MatMul_6");
    }

    @Test
    void theNameOfAnOperatorOrAWeightWinsOverOneThatIsShown() {
        assertThat(LayerNames.of(NETWORK)).containsEntry("onnx::MatMul_1", "c1").containsEntry("c1", "last");
        assertThat(chosen("c1")).containsExactly("c1");
        assertThat(chosen("/c1/MatMul")).containsExactly("onnx::MatMul_1");
    }

    @Test
    void wildcardsStandForPartsOfAllNames() {
        assertThat(chosen("bl*")).containsExactly("onnx::MatMul_2", "onnx::MatMul_3");
        assertThat(chosen("bl.bl.?.f")).containsExactly("onnx::MatMul_2", "onnx::MatMul_3");
        assertThat(chosen("c*")).containsExactly("onnx::MatMul_1", "c1");
        assertThat(chosen("*, !bl.bl.0.f")).hasSize(5).doesNotContain("onnx::MatMul_2");
    }

    @Test
    void theNameOfWhatLayersAreInChoosesThemAll() {
        assertThat(chosen("bl")).containsExactly("onnx::MatMul_2", "onnx::MatMul_3");
        assertThat(chosen("bl.bl.1")).containsExactly("onnx::MatMul_3");
        assertThat(chosen("twice")).containsExactly("onnx::MatMul_5", "onnx::MatMul_6");
    }

    @Test
    void theNamesThatAreShownAreOfferedWhereNoneMatches() {
        assertThatThrownBy(() -> chosen("wonderland"))
                .hasMessage("No layer of network net is named wonderland; there is c1, bl.bl.0.f, bl.bl.1.f, last,"
                        + " /twice/MatMul, /twice/MatMul_1.");
        assertThatThrownBy(() -> chosen("bl.bl.0.g"))
                .hasMessage("No layer of network net is named bl.bl.0.g; did you mean bl.bl.0.f or bl.bl.1.f?");
        assertThatThrownBy(() -> chosen("/lost/MatMul"))
                .hasMessage(
                        "No layer of network net is named /lost/MatMul; did you mean /last/MatMul or" + " /c1/MatMul?");
        assertThatThrownBy(() -> chosen("onnx::MatMul_8"))
                .hasMessage("No layer of network net is named onnx::MatMul_8; did you mean onnx::MatMul_1 or"
                        + " onnx::MatMul_2 or onnx::MatMul_3?");
    }

    @Test
    void pruningAndQuantizingTakeTheNamesThatAreShown() {
        Network pruned = NETWORK.apply(new MagnitudePruning(0.5, Scope.LAYER, "bl.bl.1.f"));
        Network small = NETWORK.apply(new WeightOnlyQuantization(true, "bl.bl.1.f"));
        for (String name : NETWORK.weights().keySet()) {
            boolean is = name.equals("onnx::MatMul_3");
            Tensor weight = NETWORK.weight(name);
            assertThat(pruned.weight(name).equals(weight)).as(name).isEqualTo(!is);
            assertThat(weight.equals(small.weights().get(name))).as(name).isEqualTo(!is);
        }
    }
}
