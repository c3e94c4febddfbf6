import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.training.dataset.RandomAccessDataset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import pomona.djl.RuntimeSession;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.onnx.Onnx;
import pomona.pass.PassBinding;

/** Quantizes the weights of a sentence encoder and compares its embeddings with those of the floats; see run.sh. */
final class QuantizeWeights {

    private static final int COMPARED = 500;

    private QuantizeWeights() {}

    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[1]);
        List<String> sentences = Sentences.read(folder.resolve("corpus"));
        try (HuggingFaceTokenizer tokenizer = Sentences.tokenizer(folder)) {
            if (arguments[0].equals("quantize")) {
                quantize(folder, arguments[2], arguments[3], sentences, tokenizer);
            } else {
                compare(folder, List.of(arguments).subList(2, arguments.length), sentences, tokenizer);
            }
        }
    }

    /** Options are those of a recipe: {@code method=gptq,block=32}. */
    private static void quantize(
            Path folder, String name, String text, List<String> sentences, HuggingFaceTokenizer tokenizer)
            throws IOException {
        Map<String, Object> options = new LinkedHashMap<>();
        for (String option : text.split(",")) {
            options.put(option.substring(0, option.indexOf('=')), option.substring(option.indexOf('=') + 1));
        }
        String method = options.remove("method").toString();
        if (options.containsKey("records")) {
            int count = Integer.parseInt(options.get("records").toString());
            RandomAccessDataset data =
                    Sentences.records(sentences.subList(COMPARED, sentences.size()), tokenizer, count);
            options.put("data", data);
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

    private static void compare(
            Path folder, List<String> names, List<String> sentences, HuggingFaceTokenizer tokenizer)
            throws IOException {
        List<Map<String, Tensor>> feeds = new ArrayList<>();
        for (String sentence : sentences.subList(0, COMPARED)) {
            long[] ids = tokenizer.encode(sentence).getIds();
            long[] ones = new long[ids.length];
            Arrays.fill(ones, 1);
            feeds.add(Map.of(
                    "input_ids", Tensor.ofLongs(ids, 1, ids.length),
                    "attention_mask", Tensor.ofLongs(ones, 1, ids.length),
                    "token_type_ids", Tensor.ofLongs(new long[ids.length], 1, ids.length)));
        }
        System.out.printf("%-28s %10s %8s %8s %10s%n", "", "bytes", "cosine", "worst", "ms/sentence");
        List<float[]> wanted = null;
        for (String name : names) {
            Path file = folder.resolve(name + ".onnx");
            List<Long> times = new ArrayList<>();
            List<float[]> found;
            try {
                found = embeddings(Onnx.read(file), feeds, times);
            } catch (RuntimeException e) {
                System.out.printf("%-28s %10d %s%n", name, Files.size(file), e.getMessage());
                continue;
            }
            wanted = wanted == null ? found : wanted;
            List<float[]> floats = wanted;
            double[] cosines = IntStream.range(0, COMPARED)
                    .mapToDouble(i -> cosine(floats.get(i), found.get(i)))
                    .toArray();
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

    private static List<float[]> embeddings(Network network, List<Map<String, Tensor>> feeds, List<Long> times) {
        List<float[]> embeddings = new ArrayList<>();
        try (RuntimeSession session = RuntimeSession.open(network, 2)) {
            feeds.subList(0, 20).forEach(session::run);
            for (Map<String, Tensor> feed : feeds) {
                long start = System.nanoTime();
                Tensor hidden = session.run(feed).values().iterator().next();
                times.add(System.nanoTime() - start);
                embeddings.add(mean(hidden));
            }
        }
        return embeddings;
    }

    private static float[] mean(Tensor hidden) {
        int width = (int) hidden.dim(-1);
        float[] values = hidden.toFloatArray();
        float[] mean = new float[width];
        for (int i = 0; i < values.length; i++) {
            mean[i % width] += values[i] / (values.length / width);
        }
        return mean;
    }

    private static double cosine(float[] left, float[] right) {
        double product = 0;
        double leftSquare = 0;
        double rightSquare = 0;
        for (int i = 0; i < left.length; i++) {
            product += left[i] * (double) right[i];
            leftSquare += left[i] * (double) left[i];
            rightSquare += right[i] * (double) right[i];
        }
        return product / Math.sqrt(leftSquare * rightSquare);
    }
}
