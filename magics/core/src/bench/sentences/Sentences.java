import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.RandomAccessDataset;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Stream;
import pomona.graph.Tensor;

/**
 * Sentences out of the bodies of the SpamAssassin corpus of e-mail, as MiniLM takes them.
 *
 * @param tokens the tokens of each sentence, with those that begin and end it
 */
record Sentences(List<long[]> tokens) {

    private static final int RUNNING = 64;

    /** All sentences of a folder of e-mails in JSON, in an order drawn with a seed. */
    static Sentences read(Path mails) throws IOException {
        TreeSet<String> texts = new TreeSet<>();
        try (Stream<Path> files = Files.walk(mails, FileVisitOption.FOLLOW_LINKS)) {
            for (Path file : files.filter(f -> f.getFileName().toString().matches("[0-9].*[.]json")).sorted().toList()) {
                collect(new ObjectMapper().readTree(file.toFile()).path("text").asText(), texts);
            }
        }
        List<String> drawn = new ArrayList<>(texts);
        Collections.shuffle(drawn, new Random(7));
        List<long[]> tokens = new ArrayList<>();
        try (InputStream in = Sentences.class.getResourceAsStream("/all-minilm-l6-v2-tokenizer.json");
                HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.newInstance(
                        in, Map.of("padding", "false", "truncation", "true", "maxLength", "256"))) {
            for (String text : drawn) {
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

    int size() {
        return tokens.size();
    }

    double meanLength() {
        return tokens.stream().mapToInt(row -> row.length).average().orElse(0);
    }

    Sentences slice(int from, int to) {
        return new Sentences(tokens.subList(from, to));
    }

    /** One sentence, as long as it is. */
    Map<String, Tensor> alone(int index) {
        return feeds(tokens.subList(index, index + 1));
    }

    /** Batches in order, each padded to its longest sentence. */
    List<Map<String, Tensor>> batches(int size) {
        List<Map<String, Tensor>> batches = new ArrayList<>();
        for (int at = 0; at < tokens.size(); at += size) {
            batches.add(feeds(tokens.subList(at, Math.min(tokens.size(), at + size))));
        }
        return batches;
    }

    /** Some sentences, padded to the longest. */
    private static Map<String, Tensor> feeds(List<long[]> rows) {
        int longest = rows.stream().mapToInt(row -> row.length).max().orElse(1);
        long[] ids = new long[rows.size() * longest];
        long[] mask = new long[ids.length];
        for (int row = 0; row < rows.size(); row++) {
            long[] sentence = rows.get(row);
            System.arraycopy(sentence, 0, ids, row * longest, sentence.length);
            Arrays.fill(mask, row * longest, row * longest + sentence.length, 1);
        }
        Map<String, Tensor> feeds = new LinkedHashMap<>();
        feeds.put("input_ids", Tensor.ofLongs(ids, rows.size(), longest));
        feeds.put("attention_mask", Tensor.ofLongs(mask, rows.size(), longest));
        feeds.put("token_type_ids", Tensor.ofLongs(new long[ids.length], rows.size(), longest));
        return feeds;
    }

    /** All sentences, padded to the longest, as records of a network's inputs in order. */
    RandomAccessDataset records(NDManager manager, List<String> inputs) {
        Map<String, Tensor> feeds = feeds(tokens);
        NDArray[] parts = inputs.stream()
                .map(name -> manager.create(
                        feeds.get(name).toLongArray(), new Shape(feeds.get(name).shape())))
                .toArray(NDArray[]::new);
        return new ArrayDataset.Builder().setData(parts).setSampling(16, false).build();
    }

    /** Records of 64 tokens of the sentences one after another, so that nothing is padding. */
    RandomAccessDataset running(NDManager manager, List<String> inputs, int count) {
        return new Sentences(running(count)).records(manager, inputs);
    }

    /** The tokens of such records. */
    List<long[]> running(int count) {
        long first = tokens.get(0)[0];
        long last = tokens.get(0)[tokens.get(0).length - 1];
        long[] words = tokens.stream()
                .flatMapToLong(row -> Arrays.stream(row, 1, row.length - 1))
                .limit((long) count * (RUNNING - 2))
                .toArray();
        if (words.length < count * (RUNNING - 2)) {
            throw new IllegalArgumentException("There is text for " + words.length / (RUNNING - 2) + " records only.");
        }
        List<long[]> rows = new ArrayList<>();
        for (int row = 0; row < count; row++) {
            long[] record = new long[RUNNING];
            record[0] = first;
            System.arraycopy(words, row * (RUNNING - 2), record, 1, RUNNING - 2);
            record[RUNNING - 1] = last;
            rows.add(record);
        }
        return rows;
    }
}
