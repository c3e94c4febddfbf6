package pomona.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static pomona.Equality.relativeError;

import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.RandomAccessDataset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import pomona.Networks;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.Graph;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Opaque;
import pomona.graph.Tensor;
import pomona.graph.Value;
import pomona.onnx.Onnx;
import pomona.pass.Pass;

/** Language models whose table of embeddings gives a score to each word too, each run by ONNX Runtime. */
class TiedTableTest {

    private static final int WORDS = 400;
    private static final int SIZE = 32;

    /** How the product at the end takes the table. */
    private enum Form {
        GEMM,
        TRANSPOSE
    }

    private static Network model(Form form) {
        NetworkBuilder builder = Network.builder("lm")
                .input(Value.of("ids", ElementType.INT64, "batch"))
                .weight("table", Networks.random(1, SIZE, WORDS, SIZE))
                .weight("w", Networks.random(2, SIZE, SIZE, SIZE))
                .node("Gather", List.of("table", "ids"), "e")
                .node(Node.of("MatMul", "middle", List.of("e", "w"), "h"));
        if (form == Form.GEMM) {
            builder.node(Node.of("Gemm", "scores", List.of("h", "table"), "y")
                    .with("transB", Attribute.of(1))
                    .with("alpha", Attribute.of(0.5f)));
        } else {
            builder.node(Node.of("Transpose", "turn", List.of("table"), "turned")
                            .with("perm", Attribute.ofInts(1, 0)))
                    .node(Node.of("MatMul", "scores", List.of("h", "turned"), "y"));
        }
        return builder.output("y", "batch", WORDS).build();
    }

    private static Map<String, Tensor> words() {
        return Map.of("ids", Tensor.ofLongs(ids(), ids().length));
    }

    private static long[] ids() {
        long[] ids = new long[50];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = i * 8;
        }
        return ids;
    }

    private static RandomAccessDataset data() {
        return new ArrayDataset.Builder()
                .setData(RandomRecords.array(ids(), ids().length))
                .setSampling(8, false)
                .build();
    }

    /** The types of all weights that are as large as the table. */
    private static List<ElementType> tables(Network network) {
        return network.weights().values().stream()
                .filter(weight -> weight.size() == WORDS * SIZE)
                .map(Tensor::type)
                .toList();
    }

    @ParameterizedTest
    @CsvSource({
        "GEMM,true,INT8,BATCH",
        "GEMM,true,UINT8,BATCH",
        "GEMM,false,INT8,BATCH",
        "GEMM,true,INT8,SAMPLE",
        "TRANSPOSE,true,INT8,BATCH",
        "TRANSPOSE,true,UINT8,SAMPLE",
        "TRANSPOSE,false,UINT8,BATCH"
    })
    void oneTableOfBytesServesTheLookUpAndTheProduct(Form form, boolean perChannel, ByteType type, InputRange ranges) {
        Network network = model(form);
        Network small = network.apply(new DynamicQuantization(perChannel, ReducedRange.OFF, "*")
                .withOperators("Gemm,MatMul,Gather")
                .withWeights(type)
                .withRanges(ranges));
        assertThat(tables(small)).containsExactly(ElementType.valueOf(type.name()));
        assertThat(Onnx.size(small)).isLessThan(Onnx.size(network) * 32 / 100);
        assertThat(small.nodes()).noneMatch(node -> node.is("MatMul") || node.is("Gemm"));
        assertThat(small.provenance().get(0).options()).doesNotContainKey("leftFloat");
        assertThat(QuantizationProfile.of(network, small).layers())
                .extracting(layer -> layer.layer() + " " + layer.scheme() + " " + layer.weight())
                .containsExactly("e weight-only " + type, "middle dynamic " + type, "scores dynamic " + type);
        assertThat(relativeError(network, small, words())).isBetween(1e-4, perChannel ? 0.02 : 0.04);
        assertThat(relativeError(network, Onnx.read(Onnx.bytes(small), "again"), words()))
                .isLessThan(0.04);
    }

    /** Probabilities of words, whose mean embedding is the result: the product counts columns, as the look-up may. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aProductAlongTheTableSharesItToo(boolean perChannel) {
        Network network = Network.builder("mean")
                .input(Value.of("ids", ElementType.INT64, "batch"))
                .input("p", "batch", WORDS)
                .weight("table", Networks.random(1, SIZE, WORDS, SIZE))
                .node("Gather", List.of("table", "ids"), "e")
                .node(Node.of("MatMul", "mean", List.of("p", "table"), "m"))
                .node("Add", List.of("e", "m"), "y")
                .output("y", "batch", SIZE)
                .build();
        Network small = network.apply(
                new DynamicQuantization(perChannel, ReducedRange.OFF, "*").withOperators("MatMul,Gather"));
        assertThat(tables(small)).containsExactly(ElementType.INT8);
        assertThat(small.nodes()).noneMatch(node -> node.is("Transpose"));
        Map<String, Tensor> feeds = Map.of("ids", words().get("ids"), "p", Networks.uniform(3, 0, 1, 50, WORDS));
        assertThat(relativeError(network, small, feeds)).isBetween(1e-4, 0.02);
    }

    @Test
    void aProductInABranchTakesTheTableFromOutside() {
        Graph then = branch(
                "then",
                Node.of("Gemm", "scores", List.of("e", "table"), "then.y").with("transB", Attribute.of(1)));
        Graph otherwise = branch(
                "else",
                Node.of("Neg", "turn", List.of("e"), "minus"),
                Node.of("Gemm", "others", List.of("minus", "table"), "else.y").with("transB", Attribute.of(1)));
        Network network = Network.builder("branches")
                .input(Value.of("ids", ElementType.INT64, 50))
                .input(Value.of("way", ElementType.BOOL))
                .weight("table", Networks.random(1, SIZE, WORDS, SIZE))
                .node("Gather", List.of("table", "ids"), "e")
                .node(Node.of("If", "if", List.of("way"), "y")
                        .with("then_branch", new Attribute.Subgraph(then))
                        .with("else_branch", new Attribute.Subgraph(otherwise)))
                .output("y", 50, WORDS)
                .build();
        Network small =
                network.apply(new DynamicQuantization(true, ReducedRange.OFF, "*").withOperators("Gemm,MatMul,Gather"));
        assertThat(tables(small)).containsExactly(ElementType.INT8);
        assertThat(Onnx.size(small)).isLessThan(Onnx.size(network) * 4 / 10);
        for (byte way : new byte[] {0, 1}) {
            Map<String, Tensor> feeds =
                    Map.of("ids", words().get("ids"), "way", Tensor.ofBytes(ElementType.BOOL, new byte[] {way}));
            assertThat(relativeError(network, small, feeds)).isBetween(1e-4, 0.02);
        }
    }

    private static Graph branch(String name, Node... nodes) {
        Value output = Value.of(nodes[nodes.length - 1].output(), ElementType.FLOAT, 50, WORDS);
        return new Graph(name, List.of(), List.of(output), List.of(nodes), Map.of(), List.of(), Opaque.NONE);
    }

    @ParameterizedTest
    @EnumSource(Form.class)
    void withoutTheLookUpTheProductStaysFloatAndTheStepSaysWhy(Form form) {
        Network network = model(form);
        Network small = network.apply(new DynamicQuantization());
        assertThat(tables(small)).containsExactly(ElementType.FLOAT);
        assertThat(Onnx.size(small)).isLessThan(Onnx.size(network));
        assertThat(small.weight("w.int8").type()).isEqualTo(ElementType.INT8);
        assertThat(small.provenance().get(0).options())
                .containsEntry(
                        "leftFloat",
                        "scores stays float: e takes table as floats, and both would make the file larger");
        assertThat(relativeError(network, small, words())).isBetween(1e-4, 0.02);
        // The table alone would be bytes beside the floats of the product.
        assertThatThrownBy(() -> network.apply(new DynamicQuantization().withOperators("Gather")))
                .hasMessage(
                        "Network lm has nothing to quantize; it would be the constant 32-bit floating-point weights of"
                                + " Gather operators. e stays float: scores takes table as floats, and both would make the"
                                + " file larger.");
    }

    @ParameterizedTest
    @EnumSource(Form.class)
    void staticQuantizationLeavesTheProductToo(Form form) {
        Network network = model(form);
        Network small = network.apply(new StaticQuantization(data(), 48));
        assertThat(tables(small)).containsExactly(ElementType.FLOAT);
        assertThat(Onnx.size(small)).isLessThan(Onnx.size(network));
        assertThat(small.provenance().get(0).options())
                .containsEntry(
                        "leftFloat",
                        form == Form.GEMM
                                ? "scores stays float: e takes table as floats, and both would make the file"
                                        + " larger"
                                : "scores stays float: others take its weight table without the Transpose before it");
        assertThat(relativeError(network, small, words())).isBetween(1e-4, 0.03);
        Pass one = new StaticQuantization(data(), 48).with(LayerChoice.of("scores"));
        if (form == Form.GEMM) {
            assertThatThrownBy(() -> network.apply(one))
                    .hasMessage(
                            "Network lm has nothing to quantize; it would be the constant 32-bit floating-point weights"
                                    + " of Conv, Gemm, MatMul operators. scores stays float: e takes table as floats, and"
                                    + " both would make the file larger.");
        }
    }

    /** Two layers share a weight, and only one of them is asked for. */
    @Test
    void aWeightThatAnotherLayerKeepsStaysFloat() {
        Network network = Network.builder("twice")
                .input("x", "batch", SIZE)
                .weight("w", Networks.random(1, SIZE, SIZE, SIZE))
                .weight("v", Networks.random(2, SIZE, SIZE, SIZE))
                .node(Node.of("MatMul", "first", List.of("x", "w"), "h"))
                .node(Node.of("MatMul", "second", List.of("h", "w"), "g"))
                .node(Node.of("MatMul", "third", List.of("g", "v"), "y"))
                .output("y", "batch", SIZE)
                .build();
        Network small = network.apply(new DynamicQuantization(true, ReducedRange.OFF, "first,third"));
        assertThat(small.weights()).containsKeys("w", "v.int8").doesNotContainKey("w.int8");
        assertThat(small.provenance().get(0).options())
                .containsEntry(
                        "leftFloat",
                        "first stays float: second takes w as floats, and both would make the file larger");
        Network both = network.apply(new DynamicQuantization(true, ReducedRange.OFF, "*"));
        assertThat(both.weights()).containsKey("w.int8").doesNotContainKey("w");
    }

    @ParameterizedTest
    @EnumSource(Form.class)
    void mixesGiveTheTableNoSchemeThatWouldLeaveIt(Form form) {
        Network network = model(form);
        for (LayerScheme scheme : LayerScheme.values()) {
            boolean integers = scheme == LayerScheme.STATIC || scheme == LayerScheme.DYNAMIC;
            assertThat(QuantizationSensitivity.layers(network, scheme, "*"))
                    .as("%s", scheme)
                    .containsExactlyInAnyOrderElementsOf(integers ? List.of("w") : List.of("w", "table"));
        }
    }
}
