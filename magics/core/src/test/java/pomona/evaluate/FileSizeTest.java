package pomona.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.ArrayDataset;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.graph.Value;
import pomona.pass.Progress;

class FileSizeTest {

    private static final int MB = 1 << 20;

    /** Three classes told by a table, of which all but a MB is zero; its parts lie in one sparse file. */
    private static Network table(Path folder, int part, int parts) throws Exception {
        byte[] noise = new byte[MB];
        new Random(1).nextBytes(noise);
        try (FileChannel channel = FileChannel.open(
                folder.resolve("table.bin"),
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(noise), part / 2);
            ByteBuffer mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, part);
            return Network.builder("table")
                    .input(Value.of("x", ElementType.INT64, "batch"))
                    .weight(
                            "table",
                            Tensor.of(ElementType.INT8, Collections.nCopies(parts, mapped), parts * (part / 4L), 4))
                    .node("Gather", List.of("table", "x"), "row")
                    .node(Node.of("Cast", "", List.of("row"), "y").with("to", Attribute.of(1)))
                    .output("y", "batch", 4)
                    .build();
        }
    }

    /** Of 160 MB, less is asked for than the coder needs with a part of them. */
    @Test
    void compressesWhereTheBytesLie(@TempDir Path folder) throws Exception {
        Network network = table(folder, 32 * MB, 5);
        List<String> tasks = new ArrayList<>();
        Progress.Listener before = Progress.listen(p -> {
            if (p.isEnded()) {
                tasks.add(p.task() + " " + p.done() / MB + "/" + p.total() / MB);
            }
        });
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        long allocated = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
        FileSize size;
        try {
            size = FileSize.of(network);
        } finally {
            Progress.listen(before);
        }
        allocated = threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - allocated;

        assertThat(size.plain()).isBetween(160L * MB, 160L * MB + 1000);
        // The dictionary has 8 MB: what is noise again 32 MB later is not found there.
        assertThat(size.compressed()).isBetween(5L * MB, 5L * MB + MB / 2);
        assertThat(allocated).isLessThan(140L * MB);
        assertThat(tasks).containsExactly("compress table 160/160");
    }

    /** Takes a minute and a half and 2 GB of disk, so it runs only when it is asked for. */
    @Test
    @EnabledIfEnvironmentVariable(named = "POMONA_LARGE", matches = "1")
    void aNetworkLargerThanTheHeapIsEvaluated(@TempDir Path folder) throws Exception {
        assertThat(Runtime.getRuntime().maxMemory()).isLessThan(2048L * MB);
        Network network = table(folder, 768 * MB, 3);
        try (NDManager manager = NDManager.newBaseManager()) {
            ArrayDataset data = new ArrayDataset.Builder()
                    .setData(manager.create(new long[] {0, 1, 2}))
                    .optLabels(manager.create(new long[] {0, 0, 1}))
                    .setSampling(3, false)
                    .build();
            Evaluation evaluation = Evaluation.of(network, data, EvaluationOptions.DEFAULTS.withoutLatency());
            assertThat(evaluation.fileBytes()).isBetween(2304L * MB, 2304L * MB + 1000);
            assertThat(evaluation.xzBytes()).isBetween(3L * MB, 4L * MB);
            assertThat(evaluation.error()).isBetween(33.3, 33.4);
        }
    }
}
