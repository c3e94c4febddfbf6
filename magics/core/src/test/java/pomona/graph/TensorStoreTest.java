package pomona.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TensorStoreTest {

    @Test
    void keepsSmallResultsOnTheHeapAndLargeOnesInAFile(@TempDir Path folder) throws Exception {
        System.setProperty(TensorStore.FOLDER, folder.toString());
        try {
            for (long heap : new long[] {100, 99}) {
                TensorStore store = TensorStore.of(100, heap);
                assertThat(store.isFile()).isEqualTo(heap < 100);
                TensorStore.Room room = store.allocate(ElementType.FLOAT, 5, 2);
                room.put(3, Tensor.ofFloats(new float[] {3, 4}, 2).data());
                TensorStore.Room next = store.allocate(ElementType.INT8, 3);
                next.put(2, ByteBuffer.wrap(new byte[] {7}));
                assertThat(room.tensor().toFloatArray()).containsExactly(0, 0, 0, 3, 4, 0, 0, 0, 0, 0);
                assertThat(next.tensor().toLongArray()).containsExactly(0, 0, 7);
                assertThat(room.tensor().data().isDirect()).isEqualTo(heap < 100);
                assertThat(store.allocate(ElementType.FLOAT, 3).tensor().toFloatArray())
                        .containsExactly(0, 0, 0);
                assertThat(store.allocate(ElementType.FLOAT, 0).tensor().size()).isZero();
            }
            // The file has no name any more.
            try (var files = Files.list(folder)) {
                assertThat(files).isEmpty();
            }
            long free = Files.getFileStore(folder).getUsableSpace();
            assertThatThrownBy(() -> TensorStore.of(1L << 60, 0))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageMatching("The results take 1152921504606846976 bytes, but " + folder
                            + " has \\d+ free; set -Dpomona\\.scratch to a folder with more space\\.");
            assertThat(free).isPositive();
        } finally {
            System.clearProperty(TensorStore.FOLDER);
        }
    }

    @Test
    void takesATensorInParts() {
        Tensor whole = Tensor.ofFloats(new float[] {0, 1, -0f, 3, 4, 5, 6, 7, 8}, 9);
        ByteBuffer bytes = whole.data();
        Tensor parts =
                Tensor.of(ElementType.FLOAT, List.of(bytes.slice(0, 16), bytes.slice(16, 16), bytes.slice(32, 4)), 9);

        assertThat(parts).isEqualTo(whole).hasSameHashCodeAs(whole);
        assertThat(Tensor.of(ElementType.FLOAT, List.of(bytes.slice(0, 32), bytes.slice(32, 4)), 9))
                .isEqualTo(parts);
        assertThat(parts.toFloatArray()).isEqualTo(whole.toFloatArray());
        assertThat(parts.countNonZeros()).isEqualTo(7);
        assertThat(parts.stretches()).extracting(Stretch::size).containsExactly(4, 4, 1);
        assertThat(parts.reshape(3, 3).stretches()).hasSize(3);
        assertThatThrownBy(() -> Tensor.of(ElementType.FLOAT, List.of(bytes.slice(0, 4), bytes.slice(4, 32)), 9))
                .hasMessage("Part 1 of a tensor has 4 bytes; every part but the last has a multiple of 16.");
        assertThatThrownBy(() -> parts.stretch(3, 5)).hasMessage("Elements 3 to 5 lie in several parts of a tensor.");
    }

    @Test
    void countsNonZerosOfEveryType() {
        for (ElementType type : ElementType.values()) {
            if (type != ElementType.STRING) {
                byte[] bytes = new byte[(int) type.bytes(16)];
                long zeros = type == ElementType.FLOAT8E8M0 ? 16 : 0;
                assertThat(Tensor.of(type, ByteBuffer.wrap(bytes), 16).countNonZeros())
                        .as("%s", type)
                        .isEqualTo(zeros);
                bytes[0] = 1;
                long ones = Math.max(zeros, 1);
                assertThat(Tensor.of(type, ByteBuffer.wrap(bytes), 16).countNonZeros())
                        .as("%s", type)
                        .isEqualTo(ones);
            }
        }
    }
}
