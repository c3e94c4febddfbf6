import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Tensor;
import pomona.graph.TensorStore;
import pomona.prune.MagnitudePruning;
import pomona.prune.Scope;

/**
 * Prunes 110 million weights in the shapes of a BERT-base to 80 %, all together; see run.sh.
 *
 * <p>The embeddings are layers here, so that all 110 million compete. What a run holds beyond the weights and the result
 * is sampled while the first one works.
 */
final class MagnitudePass {

    private static final int ROUNDS = 7;
    private static final double SPARSITY = 0.8;

    private MagnitudePass() {}

    public static void main(String[] arguments) throws Exception {
        Network network = bert();
        long size = network.parameters();
        System.gc();
        double[] seconds = new double[ROUNDS];
        double first = 0;
        long zeros = 0;
        for (int round = 0; round < ROUNDS; round++) {
            double[] measured = round(network);
            seconds[round] = measured[0];
            first = round == 0 ? measured[1] : first;
            zeros = (long) measured[2];
        }
        double warmUp = seconds[0];
        Arrays.sort(seconds);
        double percent = 100 / (4e-6 * size);
        System.out.printf(Locale.ROOT, "%-46s %6.3f s (median of %d; first %.3f s), %5.0f MB beside weights and result (%.1f %% of the weights), %s%n",
                "Pomona MagnitudePruning, global", seconds[ROUNDS / 2], ROUNDS, warmUp, first, percent * first,
                zeros == Math.round(SPARSITY * size) ? "exactly " + zeros + " zeros" : "WRONG: " + zeros);
    }

    /** Seconds, megabytes beyond weights and result, zeros. Later runs take the room that the last result left. */
    private static double[] round(Network network) throws Exception {
        System.gc();
        double before = resident();
        Peak watch = new Peak();
        long start = System.nanoTime();
        Network pruned = network.apply(new MagnitudePruning(SPARSITY, Scope.GLOBAL));
        double seconds = (System.nanoTime() - start) * 1e-9;
        double extra = watch.stop() - before - 4e-6 * network.parameters();
        return new double[] {seconds, extra, network.parameters() - pruned.nonZeros()};
    }

    /** Twelve layers of a BERT-base with its embeddings and pooler: 109.4 million weights of normal distribution. */
    private static Network bert() {
        List<long[]> shapes = new ArrayList<>(List.of(new long[] {30522, 768}, new long[] {512, 768}, new long[] {2, 768}, new long[] {768, 768}));
        for (int layer = 0; layer < 12; layer++) {
            for (int i = 0; i < 4; i++) {
                shapes.add(new long[] {768, 768});
            }
            shapes.add(new long[] {768, 3072});
            shapes.add(new long[] {3072, 768});
        }
        TensorStore store = TensorStore.of(shapes.stream().mapToLong(s -> 4 * s[0] * s[1]).sum());
        List<Tensor> weights = new ArrayList<>();
        NetworkBuilder builder = Network.builder("bert-base-shapes");
        for (int w = 0; w < shapes.size(); w++) {
            long[] shape = shapes.get(w);
            TensorStore.Room room = store.allocate(ElementType.FLOAT, shape);
            int seed = w;
            IntStream.range(0, (int) shape[0]).parallel().forEach(row -> room.put(row * shape[1], row((long) seed << 32 | row, (int) shape[1])));
            builder.input("x" + w, "batch", shape[0])
                    .weight("w" + w, room.tensor())
                    .node("MatMul", List.of("x" + w, "w" + w), "y" + w)
                    .output("y" + w, "batch", shape[1]);
        }
        return builder.build();
    }

    private static ByteBuffer row(long seed, int columns) {
        Random random = new Random(seed);
        ByteBuffer row = ByteBuffer.allocate(4 * columns).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < columns; i++) {
            row.putFloat((float) random.nextGaussian() * 0.02f);
        }
        return row.flip();
    }

    /** The memory of the process in MB; Linux says it. */
    private static double resident() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS"))
                .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")) * 1024e-6)
                .findFirst()
                .orElseThrow();
    }

    /** The most memory that the process held, looked at every two milliseconds. */
    private static final class Peak {
        private final AtomicBoolean running = new AtomicBoolean(true);
        private volatile double most;
        private final Thread thread = new Thread(this::watch);

        Peak() {
            thread.setDaemon(true);
            thread.start();
        }

        private void watch() {
            try {
                while (running.get()) {
                    most = Math.max(most, resident());
                    Thread.sleep(2);
                }
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        double stop() throws InterruptedException {
            running.set(false);
            thread.join();
            return most;
        }
    }
}
