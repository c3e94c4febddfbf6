import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.RandomAccessDataset;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Stream;
import pomona.graph.Tensor;

/**
 * Sentences out of real e-mails, as MiniLM takes them.
 *
 * @param tokens the tokens of each sentence
 */
record Sentences(List<long[]> tokens) {

    /** Some of all sentences in a folder of e-mails in JSON, drawn with a seed. */
    static Sentences read(Path mails, int count) throws IOException {
        TreeSet<String> texts = new TreeSet<>();
        try (Stream<Path> files = Files.walk(mails, java.nio.file.FileVisitOption.FOLLOW_LINKS)) {
            for (Path file : files.filter(f -> f.toString().endsWith(".json")).sorted().toList()) {
                collect(new ObjectMapper().readTree(file.toFile()).path("text").asText(), texts);
            }
        }
        List<String> drawn = new ArrayList<>(texts);
        Collections.shuffle(drawn, new Random(7));
        List<long[]> tokens = new ArrayList<>();
        try (InputStream in = Sentences.class.getResourceAsStream("/all-minilm-l6-v2-tokenizer.json");
                HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.newInstance(
                        in, Map.of("padding", "false", "truncation", "true", "maxLength", "256"))) {
            for (String text : drawn.subList(0, count)) {
                tokens.add(tokenizer.encode(text).getIds());
            }
        }
        return new Sentences(tokens);
    }

    /** Plain sentences of 6 to 60 words; quotations and markup are left out. */
    private static void collect(String mail, TreeSet<String> texts) {
        String body = mail.substring(Math.max(0, mail.indexOf("\n\n")));
        for (String paragraph : body.split("\n\\s*\n")) {
            String text = paragraph.replaceAll("\\s+", " ").strip();
            if (text.matches("[>|<].*") || text.contains("<") || text.contains("=")) {
                continue;
            }
            for (String sentence : text.split("(?<=[.!?]) ")) {
                int words = sentence.split(" ").length;
                if (words >= 6 && words <= 60 && sentence.matches("[A-Z][A-Za-z0-9 ,'\"();:%$-]{30,300}[.!?]")) {
                    texts.add(sentence);
                }
            }
        }
    }

    Sentences slice(int from, int to) {
        return new Sentences(tokens.subList(from, to));
    }

    /** Batches in order, each padded to its longest sentence. */
    List<Map<String, Tensor>> batches(int size) {
        List<Map<String, Tensor>> batches = new ArrayList<>();
        for (int at = 0; at < tokens.size(); at += size) {
            batches.add(feeds(tokens.subList(at, Math.min(tokens.size(), at + size)), 0));
        }
        return batches;
    }

    /** Some sentences, padded to the longest or to a given length. */
    static Map<String, Tensor> feeds(List<long[]> rows, int least) {
        int longest = Math.max(least, rows.stream().mapToInt(row -> row.length).max().orElse(1));
        long[] ids = new long[rows.size() * longest];
        long[] mask = new long[ids.length];
        for (int row = 0; row < rows.size(); row++) {
            for (int i = 0; i < rows.get(row).length; i++) {
                ids[row * longest + i] = rows.get(row)[i];
                mask[row * longest + i] = 1;
            }
        }
        Map<String, Tensor> feeds = new LinkedHashMap<>();
        feeds.put("input_ids", Tensor.ofLongs(ids, rows.size(), longest));
        feeds.put("attention_mask", Tensor.ofLongs(mask, rows.size(), longest));
        feeds.put("token_type_ids", Tensor.ofLongs(new long[ids.length], rows.size(), longest));
        return feeds;
    }

    /** The same as records, to calibrate with. */
    RandomAccessDataset records(NDManager manager, List<String> inputs) {
        Map<String, Tensor> feeds = feeds(tokens, 0);
        NDArray[] parts = inputs.stream()
                .map(name -> manager.create(
                        feeds.get(name).toLongArray(), new Shape(feeds.get(name).shape())))
                .toArray(NDArray[]::new);
        return new ArrayDataset.Builder().setData(parts).setSampling(16, false).build();
    }

    /** The mean of the tokens' vectors of each sentence, without padding. */
    static List<double[]> pooled(Tensor output, Tensor mask) {
        float[] values = output.toFloatArray();
        long[] real = mask.toLongArray();
        int length = (int) output.dim(1);
        int width = (int) output.dim(2);
        List<double[]> pooled = new ArrayList<>();
        for (int row = 0; row < output.dim(0); row++) {
            double[] sum = new double[width];
            for (int i = 0; i < length; i++) {
                for (int c = 0; c < width && real[row * length + i] == 1; c++) {
                    sum[c] += values[(row * length + i) * width + c];
                }
            }
            pooled.add(sum);
        }
        return pooled;
    }
}
