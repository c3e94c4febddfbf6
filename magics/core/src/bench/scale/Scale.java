import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import pomona.evaluate.Profile;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.TensorStore;
import pomona.onnx.Onnx;
import pomona.prune.MagnitudePruning;
import pomona.prune.Scope;
import pomona.quantize.WeightOnlyQuantization;

/** Opens, profiles, prunes and quantizes a network of some gigabytes, and says how fast; see run.sh. */
final class Scale {

    private static final long GB = 1_000_000_000L;
    private static final int WIDTH = 8192;
    private static final int CHUNK = 1 << 16;
    private static final long LARGEST = 10L * WIDTH;

    private Scale() {}

    public static void main(String[] arguments) throws IOException {
        double gigabytes = Double.parseDouble(arguments[0]);
        Path folder = Path.of(arguments[1]);
        Path file = folder.resolve("large.onnx");
        if (!Files.exists(file)) {
            make(file, gigabytes);
            // So that the space of what it was made of is free.
            System.gc();
        }
        Path data = folder.resolve("large.onnx.data");
        long bytes = Files.size(data);
        System.out.printf(Locale.ROOT, "%.2f GB of weights, heap of %.1f GB, Java %s%n", bytes / (double) GB,
                Runtime.getRuntime().maxMemory() / (double) (1 << 30), Runtime.version().feature());
        rate("copy of the file (FileChannel)", bytes, () -> copy(data, folder.resolve("copy")));
        Files.delete(folder.resolve("copy"));
        Network network = rate("open", bytes, () -> Onnx.read(file));
        rate("profile", bytes, () -> Profile.of(network).nonZeros());
        Network pruned = rate("prune, global magnitude 0.5", bytes,
                () -> network.apply(new MagnitudePruning(0.5, Scope.GLOBAL)));
        rate("profile of the pruned", bytes, () -> {
            Profile profile = Profile.of(pruned);
            return profile.nonZeros() / (double) profile.parameters();
        });
        rate("write the pruned", bytes, () -> Onnx.write(pruned, folder.resolve("pruned.onnx")));
        delete(folder, "pruned.onnx");
        Network quantized = rate("quantize to int8, weights only", bytes,
                () -> network.apply(new WeightOnlyQuantization()));
        rate("write the quantized", bytes / 4, () -> Onnx.writeExternal(quantized, folder.resolve("int8.onnx")));
        System.out.printf(Locale.ROOT, "largest tensor %.2f GB%n", 4.0 * WIDTH * LARGEST / GB);
        memory();
    }

    /** Linear layers of random weights, the last one larger than a buffer of Java. */
    private static void make(Path file, double gigabytes) throws IOException {
        Files.createDirectories(file.getParent());
        long layer = 4L * WIDTH * WIDTH;
        long last = 4L * WIDTH * LARGEST;
        int layers = (int) Math.max(1, (gigabytes * GB - last) / layer);
        TensorStore store = TensorStore.of(layers * layer + last);
        NetworkBuilder builder = Network.builder("large").input("x", "batch", WIDTH);
        String value = "x";
        for (int i = 0; i <= layers; i++) {
            long columns = i < layers ? WIDTH : LARGEST;
            TensorStore.Room room = store.allocate(ElementType.FLOAT, WIDTH, columns);
            int seed = i;
            IntStream.range(0, (int) (WIDTH * columns / CHUNK)).parallel()
                    .forEach(chunk -> room.put((long) chunk * CHUNK, random(((long) seed << 32) + chunk)));
            builder.weight("layer" + i + ".weight", room.tensor())
                    .node("MatMul", List.of(value, "layer" + i + ".weight"), "layer" + i);
            value = "layer" + i;
        }
        Onnx.writeExternal(builder.output(value, "batch", LARGEST).build(), file);
    }

    /** Sums of four uniform numbers, which are close to normally distributed. */
    private static ByteBuffer random(long seed) {
        ByteBuffer chunk = ByteBuffer.allocate(4 * CHUNK).order(ByteOrder.LITTLE_ENDIAN);
        long state = seed * 0x9E3779B97F4A7C15L + 1;
        for (int i = 0; i < chunk.limit(); i += 4) {
            state = state * 6364136223846793005L + 1442695040888963407L;
            long mixed = (state ^ state >>> 33) * 0xFF51AFD7ED558CCDL;
            float sum = 0;
            for (int j = 0; j < 4; j++) {
                sum += (short) (mixed >>> 16 * j);
            }
            chunk.putFloat(i, sum * 1e-6f);
        }
        return chunk;
    }

    private static long copy(Path from, Path to) throws IOException {
        try (FileChannel in = FileChannel.open(from, StandardOpenOption.READ);
                FileChannel out = FileChannel.open(to, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            long at = 0;
            while (at < in.size()) {
                at += in.transferTo(at, 1L << 26, out);
            }
            return at;
        }
    }

    private interface Task<T> {
        T run() throws IOException;
    }

    private static <T> T rate(String what, long bytes, Task<T> task) throws IOException {
        long began = System.nanoTime();
        T result = task.run();
        double seconds = (System.nanoTime() - began) * 1e-9;
        String shown = result instanceof Double || result instanceof Long ? "  (" + result + ")" : "";
        System.out.printf(Locale.ROOT, "%-34s %8.2f s %8.2f GB/s%s%n", what, seconds, bytes / seconds / GB, shown);
        return result;
    }

    /** What the process holds beside pages of files, now and at most; Linux says it. */
    private static void memory() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (Files.exists(status)) {
            try (Stream<String> lines = Files.lines(status)) {
                lines.filter(line -> line.matches("(RssAnon|RssFile|VmHWM):.*")).forEach(System.out::println);
            }
        }
    }

    private static void delete(Path folder, String name) throws IOException {
        Files.deleteIfExists(folder.resolve(name));
        Files.deleteIfExists(folder.resolve(name + ".data"));
    }
}
