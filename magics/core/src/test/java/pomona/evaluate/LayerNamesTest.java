package pomona.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import pomona.Networks;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Value;

class LayerNamesTest {

    @Test
    void layersAreNamedByTheirPlace() {
        Network network = Network.builder("encoder")
                .input(Value.of("ids", ElementType.INT64, "batch", "length"))
                .weight("words", Networks.random(1, 4, 10, 4))
                .weight("onnx::MatMul_7", Networks.random(2, 4, 4, 4))
                .weight("onnx::MatMul_8", Networks.random(3, 4, 4, 4))
                .weight("head.weight", Networks.random(4, 4, 4, 4))
                .weight("onnx::MatMul_9", Networks.random(5, 4, 4, 4))
                .node(Node.of("Gather", "/embeddings/word_embeddings/Gather", List.of("words", "ids"), "e"))
                .node(Node.of("MatMul", "/layer.0/query/MatMul", List.of("e", "onnx::MatMul_7"), "q"))
                .node(Node.of("MatMul", "fc", List.of("q", "onnx::MatMul_8"), "f"))
                .node(Node.of("MatMul", "", List.of("f", "head.weight"), "h"))
                .node(Node.of("MatMul", "fc", List.of("h", "onnx::MatMul_9"), "y"))
                .output("y", "batch", "length", 4)
                .build();
        Map<String, String> names = new LinkedHashMap<>();
        names.put("onnx::MatMul_7", "layer.0.query");
        names.put("onnx::MatMul_8", "fc (onnx::MatMul_8)");
        names.put("head.weight", "head");
        names.put("onnx::MatMul_9", "fc (onnx::MatMul_9)");
        names.put("words", "embeddings.word_embeddings");
        assertThat(LayerNames.of(network)).isEqualTo(names);
    }

    @Test
    void layersOfNumberedOperatorsAreNamedByTheirWeights() {
        Network network = Network.builder("encoder")
                .input(Value.of("x", ElementType.FLOAT, "batch", 4))
                .weight("layer.0.query.weight", Networks.random(1, 4, 4, 4))
                .weight("val_7", Networks.random(2, 4, 4, 4))
                .node(Node.of("MatMul", "node_MatMul_3", List.of("x", "layer.0.query.weight"), "q"))
                .node(Node.of("MatMul", "node_MatMul_4", List.of("q", "val_7"), "y"))
                .output("y", "batch", 4)
                .build();
        assertThat(LayerNames.of(network))
                .isEqualTo(Map.of("layer.0.query.weight", "layer.0.query", "val_7", "node_MatMul_4"));
    }

    @Test
    void layersOfOnePlaceHaveTheNamesOfTheirOperators() {
        Network network = Network.builder("shared")
                .input(Value.of("x", ElementType.FLOAT, "batch", 4))
                .weight("w", Networks.random(1, 4, 4, 4))
                .weight("v", Networks.random(2, 4, 4, 4))
                .node(Node.of("MatMul", "/fc/MatMul", List.of("x", "w"), "a"))
                .node(Node.of("MatMul", "/fc/MatMul_1", List.of("a", "v"), "y"))
                .output("y", "batch", 4)
                .build();
        assertThat(LayerNames.of(network)).isEqualTo(Map.of("w", "/fc/MatMul", "v", "/fc/MatMul_1"));
    }
}
