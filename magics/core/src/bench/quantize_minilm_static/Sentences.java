import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
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
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import pomona.graph.Tensor;

/** Real sentences out of e-mails, as tokens for MiniLM. */
final class Sentences {

    private final List<long[]> tokens = new ArrayList<>();

    /** The first sentences of a folder of e-mails in JSON, one an e-mail, so that they differ. */
    static Sentences read(Path folder, int count, int longest) throws IOException {
        Sentences sentences = new Sentences();
        List<Path> files;
        try (Stream<Path> list = Files.list(folder)) {
            files = list.filter(file -> file.toString().endsWith(".json")).sorted().toList();
        }
        try (InputStream in = Sentences.class.getResourceAsStream("/all-minilm-l6-v2-tokenizer.json");
                HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.newInstance(
                        in, Map.of("padding", "false", "truncation", "true", "maxLength", String.valueOf(longest)))) {
            for (Path file : files) {
                String sentence = sentence(new ObjectMapper().readTree(file.toFile()).get("text").asText());
                if (sentence != null && sentences.tokens.size() < count) {
                    Encoding encoding = tokenizer.encode(sentence);
                    sentences.tokens.add(encoding.getIds());
                }
            }
        }
        return sentences;
    }

    /** The first sentence of an e-mail's own words that is neither very short nor very long. */
    private static String sentence(String mail) {
        String body = mail.substring(Math.max(0, mail.indexOf("\n\n")));
        String own = String.join(" ", body.lines().filter(line -> line.matches("[A-Za-z\"'(].*")).toList());
        for (String sentence : own.split("(?<=[.!?])\\s+")) {
            long letters = sentence.chars().filter(c -> Character.isLetter(c) || c == ' ').count();
            if (sentence.length() >= 40 && sentence.length() <= 300 && letters > 0.9 * sentence.length()) {
                return sentence;
            }
        }
        return null;
    }

    int size() {
        return tokens.size();
    }

    double meanLength() {
        return tokens.stream().mapToInt(row -> row.length).average().orElse(0);
    }

    /** One sentence, as long as it is. */
    Map<String, Tensor> feeds(int index) {
        long[] ids = tokens.get(index);
        long[] ones = new long[ids.length];
        java.util.Arrays.fill(ones, 1);
        return Map.of(
                "input_ids", Tensor.ofLongs(ids, 1, ids.length),
                "attention_mask", Tensor.ofLongs(ones, 1, ids.length),
                "token_type_ids", Tensor.ofLongs(new long[ids.length], 1, ids.length));
    }

    /** All sentences, padded to the same length, as records of the network's inputs in order. */
    RandomAccessDataset records(NDManager manager, List<String> inputs) {
        int longest = tokens.stream().mapToInt(row -> row.length).max().orElse(1);
        ai.djl.ndarray.NDArray[] parts = new ai.djl.ndarray.NDArray[inputs.size()];
        for (int part = 0; part < parts.length; part++) {
            long[] values = new long[tokens.size() * longest];
            for (int row = 0; row < tokens.size(); row++) {
                long[] ids = tokens.get(row);
                for (int i = 0; i < ids.length; i++) {
                    values[row * longest + i] = inputs.get(part).equals("input_ids")
                            ? ids[i]
                            : inputs.get(part).equals("attention_mask") ? 1 : 0;
                }
            }
            parts[part] = manager.create(values, new Shape(tokens.size(), longest));
        }
        return new ArrayDataset.Builder().setData(parts).setSampling(16, false).build();
    }
}
