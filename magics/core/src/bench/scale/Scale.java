import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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

    private final Path folder;
    private final long bytes;
    private final boolean told;
    /** GB/s of each step. */
    private final Map<String, Double> rates = new LinkedHashMap<>();

    private Scale(Path folder, boolean told) throws IOException {
        this.folder = folder;
        this.bytes = Files.size(folder.resolve("large.onnx.data"));
        this.told = told;
    }

    /** The sizes in GB, apart by commas, and the folder; one size is told step by step, of several a table is made. */
    public static void main(String[] arguments) throws IOException {
        String[] sizes = arguments[0].split(",");
        Path folder = Path.of(arguments[1]);
        for (String size : sizes) {
            make(folder.resolve("large.onnx"), Double.parseDouble(size));
            // So that the space of what it was made of is free.
            System.gc();
            Scale scale = new Scale(folder, sizes.length == 1);
            if (scale.told || size.equals(sizes[0])) {
                System.out.printf(Locale.ROOT, "%sheap of %.1f GB, Java %s%n", scale.told ? scale.size() + " of weights, "
                        : "GB/s, ", Runtime.getRuntime().maxMemory() / (double) (1 << 30), Runtime.version().feature());
            }
            scale.measure();
            if (!scale.told) {
                scale.row(size.equals(sizes[0]));
            }
            delete(folder, "large.onnx");
            System.gc();
        }
        System.out.printf(Locale.ROOT, "largest tensor %.2f GB%n", 4.0 * WIDTH * LARGEST / GB);
        memory();
    }

    private void measure() throws IOException {
        Path file = folder.resolve("large.onnx");
        rate("copy of the file (FileChannel)", bytes, () -> copy(folder.resolve("large.onnx.data"), folder.resolve("copy")));
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
        delete(folder, "int8.onnx");
    }

    private String size() {
        return String.format(Locale.ROOT, "%.2f GB", bytes / (double) GB);
    }

    private void row(boolean first) {
        String[] columns = {"copy", "profile", "prune", "write", "quantize"};
        String[] steps = {
            "copy of the file (FileChannel)", "profile", "prune, global magnitude 0.5", "write the pruned",
            "quantize to int8, weights only"
        };
        if (first) {
            System.out.printf("%10s", "weights");
            for (String column : columns) {
                System.out.printf("%10s", column);
            }
            System.out.println();
        }
        System.out.printf("%10s", size());
        for (String step : steps) {
            System.out.printf(Locale.ROOT, "%10.2f", rates.get(step));
        }
        System.out.println();
    }

    /** Linear layers of random weights; of 4 GB and more, the last one is larger than a buffer of Java. */
    private static void make(Path file, double gigabytes) throws IOException {
        Files.createDirectories(file.getParent());
        long layer = 4L * WIDTH * WIDTH;
        long widest = gigabytes < 4 ? WIDTH : LARGEST;
        long last = 4L * WIDTH * widest;
        int layers = (int) Math.max(1, (gigabytes * GB - last) / layer);
        TensorStore store = TensorStore.of(layers * layer + last);
        NetworkBuilder builder = Network.builder("large").input("x", "batch", WIDTH);
        String value = "x";
        for (int i = 0; i <= layers; i++) {
            long columns = i < layers ? WIDTH : widest;
            TensorStore.Room room = store.allocate(ElementType.FLOAT, WIDTH, columns);
            int seed = i;
            IntStream.range(0, (int) (WIDTH * columns / CHUNK)).parallel()
                    .forEach(chunk -> room.put((long) chunk * CHUNK, random(((long) seed << 32) + chunk)));
            builder.weight("layer" + i + ".weight", room.tensor())
                    .node("MatMul", List.of(value, "layer" + i + ".weight"), "layer" + i);
            value = "layer" + i;
        }
        Onnx.writeExternal(builder.output(value, "batch", widest).build(), file);
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

    private <T> T rate(String what, long worked, Task<T> task) throws IOException {
        long began = System.nanoTime();
        T result = task.run();
        double seconds = (System.nanoTime() - began) * 1e-9;
        rates.put(what, worked / seconds / GB);
        if (told) {
            String shown = result instanceof Double || result instanceof Long ? "  (" + result + ")" : "";
            System.out.printf(Locale.ROOT, "%-34s %8.2f s %8.2f GB/s%s%n", what, seconds, rates.get(what), shown);
        }
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
