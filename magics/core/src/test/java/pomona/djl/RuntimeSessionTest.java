package pomona.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.graph.Value;

class RuntimeSessionTest {

    private static final Network TINY = Network.builder("tiny")
            .input("x", "batch", 3)
            .weight("w", Tensor.ofFloats(new float[] {1, 2, 3, 4, 5, 6}, 3, 2))
            .node("MatMul", List.of("x", "w"), "y")
            .output("y", "batch", 2)
            .build();

    private static final Network PAIR = Network.builder("pair")
            .input("a", 2)
            .input(Value.of("b", ElementType.INT64, 2))
            .node(Node.of("Cast", "cast", List.of("b"), "c").with("to", Attribute.of(1)))
            .node("Add", List.of("a", "c"), "sum")
            .node("Greater", List.of("a", "c"), "more")
            .output("sum", 2)
            .output(Value.of("more", ElementType.BOOL, 2))
            .build();

    @Test
    void runsAnyBatchSize() {
        try (RuntimeSession session = RuntimeSession.open(TINY)) {
            Tensor one = session.run(Tensor.ofFloats(new float[] {1, 0, 2}, 1, 3));
            assertThat(one.toFloatArray()).containsExactly(11, 14);
            Tensor two = session.run(Map.of("x", Tensor.ofFloats(new float[] {1, 0, 0, 0, 1, 0}, 2, 3)))
                    .get("y");
            assertThat(two).isEqualTo(Tensor.ofFloats(new float[] {1, 2, 3, 4}, 2, 2));
        }
    }

    @Test
    void runsSeveralInputsAndOutputsOfSeveralTypes() {
        try (RuntimeSession session = RuntimeSession.open(PAIR, 1)) {
            Map<String, Tensor> results = session.run(
                    Map.of("a", Tensor.ofFloats(new float[] {1.5f, -2}, 2), "b", Tensor.ofLongs(new long[] {1, 3}, 2)));
            assertThat(results.keySet()).containsExactly("sum", "more");
            assertThat(results.get("sum").toFloatArray()).containsExactly(2.5f, 1f);
            assertThat(results.get("more")).isEqualTo(Tensor.ofBytes(ElementType.BOOL, new byte[] {1, 0}, 2));
        }
    }

    @Test
    void givesTheSameResultsOnEveryThread() {
        Tensor input = Tensor.ofFloats(new float[] {1, 0, 2}, 1, 3);
        try (RuntimeSession session = RuntimeSession.open(TINY)) {
            List<Tensor> results = IntStream.range(0, 200)
                    .parallel()
                    .mapToObj(i -> session.run(input))
                    .toList();
            assertThat(results).allMatch(result -> result.toFloatArray()[1] == 14f);
        }
    }

    @Test
    void namesTheInputThatIsMissing() {
        try (RuntimeSession session = RuntimeSession.open(PAIR)) {
            assertThatThrownBy(() -> session.run(Map.of("a", Tensor.ofFloats(new float[2], 2))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("Network pair takes a float[2] and b int64[2], but b was not fed.");
            assertThatThrownBy(() -> session.run(Tensor.ofFloats(new float[2], 2)))
                    .hasMessage("Network pair takes a float[2] and b int64[2]; feed each of them by its name, not one"
                            + " tensor.");
        }
    }

    @Test
    void namesTheInputThatDoesNotFit() {
        try (RuntimeSession session = RuntimeSession.open(TINY)) {
            assertThatThrownBy(() -> session.run(Map.of("x", Tensor.ofFloats(new float[4], 1, 4))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("Input x of network tiny is float[batch,3], but it was fed float[1,4].");
            assertThatThrownBy(() -> session.run(Map.of("x", Tensor.ofLongs(new long[3], 1, 3))))
                    .hasMessage("Input x of network tiny is float[batch,3], but it was fed int64[1,3].");
            assertThatThrownBy(() -> session.run(Map.of("z", Tensor.ofFloats(new float[3], 1, 3))))
                    .hasMessage("Network tiny has no input z; it takes x float[batch,3].");
        }
    }

    @Test
    void saysWhyANetworkCanNotBeLoadedOrRun() {
        Network unknown = Network.builder("odd")
                .input("x", 2)
                .node("Frobnicate", List.of("x"), "y")
                .output("y", 2)
                .build();
        assertThatThrownBy(() -> RuntimeSession.open(unknown))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("ONNX Runtime can not load network odd: ")
                .hasMessageContaining("Frobnicate")
                .hasMessageEndingWith(".")
                .hasNoCause();
        assertThatThrownBy(() -> RuntimeSession.open(TINY, 0)).hasMessage("threads must be 1 or more; it was 0.");
        Network loose = Network.builder("loose")
                .input("x", "n")
                .input("y", "m")
                .node("Add", List.of("x", "y"), "z")
                .output("z", "n")
                .build();
        try (RuntimeSession session = RuntimeSession.open(loose)) {
            assertThatThrownBy(() -> session.run(
                            Map.of("x", Tensor.ofFloats(new float[2], 2), "y", Tensor.ofFloats(new float[3], 3))))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("Network loose failed in ONNX Runtime: ")
                    .hasNoCause();
        }
    }
}
