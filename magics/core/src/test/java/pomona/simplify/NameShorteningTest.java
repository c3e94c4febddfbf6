package pomona.simplify;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import pomona.Equality;
import pomona.Networks;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.Graph;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Opaque;
import pomona.graph.Tensor;
import pomona.graph.Value;
import pomona.onnx.Onnx;

class NameShorteningTest {

    @Test
    void outputsStayAndNamesInsideGo() {
        for (Network network : List.of(Networks.lenet300(), Networks.cnn(), Networks.matMulAdd())) {
            Network shortened = network.apply(new NameShortening());

            Equality.assertSameOutputs(network, shortened, 0);
            assertThat(shortened.weights().keySet()).allMatch(name -> name.length() == 1);
            assertThat(shortened.weights()).hasSameSizeAs(network.weights());
            assertThat(shortened.nodes()).allMatch(node -> node.name().isEmpty());
            assertThat(shortened.provenance()).hasToString("[NameShortening()]");
            assertThat(Onnx.size(shortened)).isLessThan(Onnx.size(network));
        }
    }

    /** The input is called a and the output b, so no value inside is; there are more values than letters. */
    @Test
    void namesOfInputsAndOutputsAreNotGivenAgain() {
        var builder = Network.builder("long").input("a", 1);
        String last = "a";
        for (int i = 0; i < 120; i++) {
            builder.weight("weight" + i, Tensor.ofFloats(new float[] {i}, 1));
            builder.node("Add", List.of(last, "weight" + i), i == 119 ? "b" : "sum" + i);
            last = "sum" + i;
        }
        Network network = builder.output("b", 1).build();
        Network shortened = network.apply(new NameShortening());

        Equality.assertSameOutputs(network, shortened, 0);
        assertThat(shortened.weights()).hasSize(120).containsKeys("c", "aa").doesNotContainKeys("a", "b");
    }

    @Test
    void whatSubgraphsTakeKeepsItsName() {
        Graph branch = new Graph(
                "branch",
                List.of(),
                List.of(Value.of("z", ElementType.FLOAT, 1)),
                List.of(Node.of("Add", "", List.of("outside", "b"), "z")),
                Map.of("b", Tensor.ofFloats(new float[] {1}, 1)),
                List.of(),
                Opaque.NONE);
        Network network = Network.builder("choice")
                .input("x", 1)
                .node(Node.of("Cast", "", List.of("x"), "condition").with("to", Attribute.of(ElementType.BOOL.code())))
                .weight("weight", Tensor.ofFloats(new float[] {2}, 1))
                .node("Neg", List.of("weight"), "outside")
                .node(new Node(
                        "choose",
                        "",
                        "If",
                        List.of("condition"),
                        List.of("chosen"),
                        Map.of(
                                "then_branch",
                                new Attribute.Subgraph(branch),
                                "else_branch",
                                new Attribute.Subgraph(branch)),
                        Opaque.NONE))
                .node("Neg", List.of("chosen"), "y")
                .output("y", 1)
                .build();
        Network shortened = network.apply(new NameShortening());
        assertThat(shortened.weights()).containsOnlyKeys("c");
        assertThat(shortened.nodes().stream().map(Node::output)).containsExactly("a", "outside", "d", "y");
        Equality.assertSameOutputs(network, shortened, 0);
    }
}
