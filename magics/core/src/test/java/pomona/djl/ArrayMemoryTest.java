package pomona.djl;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.graph.Value;

/** What a run gives stays as it is when Java collects the memory that the run made arrays over. */
class ArrayMemoryTest {

    @Test
    void viewsOfShapesAndFilledArraysKeepTheirElements() {
        Network network = Network.builder("shapes")
                .input("x", "n", "m")
                .weight("axes", Tensor.ofLongs(new long[] {0}, 1))
                .node("Shape", List.of("x"), "shape")
                .node("Unsqueeze", List.of("shape", "axes"), "row")
                .node("Size", List.of("x"), "size")
                .node("Unsqueeze", List.of("size", "axes"), "sizes")
                .node(Node.of("ConstantOfShape", "fill", List.of("shape"), "filled")
                        .with("value", Attribute.of(Tensor.ofLongs(new long[] {7}, 1))))
                .output(Value.of("row", ElementType.INT64, 1, 2))
                .output(Value.of("sizes", ElementType.INT64, 1))
                .output(Value.of("filled", ElementType.INT64, "n", "m"))
                .build();
        NetworkBlock block = NetworkBlock.of(network);
        try (NDManager manager = NDManager.newBaseManager()) {
            for (int round = 0; round < 20; round++) {
                NDList outputs = block.forward(
                        new ParameterStore(manager, false), new NDList(manager.ones(new Shape(3, 5))), false);
                List<ByteBuffer> others = overwriteCollectedMemory();
                assertThat(outputs.get(0).toLongArray()).containsExactly(3, 5);
                assertThat(outputs.get(1).toLongArray()).containsExactly(15);
                assertThat(outputs.get(2).toLongArray()).containsOnly(7).hasSize(15);
                assertThat(others).isNotEmpty();
            }
        }
    }

    /** Takes small pieces of native memory where those may have lain that were collected. */
    private static List<ByteBuffer> overwriteCollectedMemory() {
        System.gc();
        List<ByteBuffer> pieces = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            ByteBuffer piece = ByteBuffer.allocateDirect(8 + i % 16 * 8);
            while (piece.hasRemaining()) {
                piece.put((byte) 0x5a);
            }
            pieces.add(piece);
        }
        return pieces;
    }
}
