import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import pomona.djl.RuntimeSession;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.onnx.Onnx;
import pomona.pass.PassBinding;

/** Quantizes the weights of a sentence encoder and compares its embeddings with those of the floats; see run.sh. */
final class QuantizeWeights {

    private static final int COMPARED = 500;
    private static final List<String> INPUTS = List.of("input_ids", "attention_mask", "token_type_ids");

    private QuantizeWeights() {}

    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[1]);
        Sentences sentences = Sentences.read(folder.resolve("corpus"));
        if (arguments[0].equals("quantize")) {
            quantize(folder, arguments[2], arguments[3], sentences.slice(COMPARED, sentences.size()));
        } else if (arguments[0].equals("records")) {
            write(folder, sentences.slice(COMPARED, sentences.size()).running(Integer.parseInt(arguments[2])));
        } else {
            compare(folder, List.of(arguments).subList(2, arguments.length), sentences.slice(0, COMPARED));
        }
    }

    /** The records that the peer measures on: the tokens of one a line. */
    private static void write(Path folder, List<long[]> records) throws IOException {
        List<String> lines = records.stream()
                .map(record -> Arrays.stream(record).mapToObj(Long::toString).collect(Collectors.joining(" ")))
                .toList();
        Files.write(folder.resolve("records.txt"), lines);
    }

    /** Options are those of a recipe: {@code method=gptq,block=32}. */
    private static void quantize(Path folder, String name, String text, Sentences others) throws IOException {
        Map<String, Object> options = new LinkedHashMap<>();
        for (String option : text.split(",")) {
            options.put(option.substring(0, option.indexOf('=')), option.substring(option.indexOf('=') + 1));
        }
        String method = options.remove("method").toString();
        if (options.containsKey("records")) {
            int count = Integer.parseInt(options.get("records").toString());
            options.put("data", others.running(NDManager.newBaseManager(), INPUTS, count));
        }
        long start = System.nanoTime();
        Network network = Onnx.read(folder.resolve("float32.onnx"));
        Network quantized = network.apply(PassBinding.of("quantize").bind(method, options, variable -> null));
        Onnx.write(quantized, folder.resolve(name + ".onnx"));
        double seconds = (System.nanoTime() - start) * 1e-9;
        System.out.printf(Locale.ROOT, "%-28s made in %5.1f s, %5d MB resident at most%n", name, seconds, peak());
    }

    private static long peak() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
                .findFirst()
                .orElse(-1);
    }

    private static void compare(Path folder, List<String> names, Sentences sentences) throws IOException {
        System.out.printf("%-28s %10s %8s %8s %10s%n", "", "bytes", "cosine", "worst", "ms/sentence");
        List<double[]> wanted = null;
        for (String name : names) {
            Path file = folder.resolve(name + ".onnx");
            List<Long> times = new ArrayList<>();
            List<double[]> found;
            try {
                found = embeddings(Onnx.read(file), sentences, times);
            } catch (RuntimeException e) {
                System.out.printf("%-28s %10d %s%n", name, Files.size(file), e.getMessage());
                continue;
            }
            wanted = wanted == null ? found : wanted;
            double[] cosines = Embeddings.cosines(wanted, found);
            System.out.printf(
                    Locale.ROOT,
                    "%-28s %10d %8.5f %8.5f %10.2f%n",
                    name,
                    Files.size(file),
                    Arrays.stream(cosines).average().orElse(0),
                    Arrays.stream(cosines).min().orElse(0),
                    times.stream().sorted().toList().get(times.size() / 2) * 1e-6);
        }
    }

    private static List<double[]> embeddings(Network network, Sentences sentences, List<Long> times) {
        List<double[]> embeddings = new ArrayList<>();
        try (RuntimeSession session = RuntimeSession.open(network, 2)) {
            for (int i = 0; i < 20; i++) {
                session.run(sentences.alone(i));
            }
            for (int i = 0; i < sentences.size(); i++) {
                Map<String, Tensor> feed = sentences.alone(i);
                long start = System.nanoTime();
                Tensor hidden = session.run(feed).values().iterator().next();
                times.add(System.nanoTime() - start);
                embeddings.addAll(Embeddings.of(hidden, feed.get("attention_mask")));
            }
        }
        return embeddings;
    }
}
