import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.RandomAccessDataset;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Sentences out of the bodies of the SpamAssassin corpus of e-mail, and what the sentence encoder is fed of them. */
final class Sentences {

    private static final Pattern SENTENCE = Pattern.compile("[A-Z][A-Za-z0-9 ,'\"();:%$-]{30,300}[.!?]");
    private static final int LENGTH = 64;

    private Sentences() {}

    /** All sentences of the corpus, in an order that depends on nothing but the corpus. */
    static List<String> read(Path corpus) throws IOException {
        TreeSet<String> found = new TreeSet<>();
        try (Stream<Path> files = Files.walk(corpus)) {
            for (Path file : files.filter(path -> path.getFileName().toString().matches("[0-9].*[.]json")).sorted().toList()) {
                String text = JsonParser.parseString(Files.readString(file)).getAsJsonObject().get("text").getAsString();
                int body = text.indexOf("\n\n");
                for (String paragraph : text.substring(Math.max(0, body)).split("\\n\\s*\\n")) {
                    String plain = paragraph.strip();
                    if (!plain.isEmpty() && ">|<".indexOf(plain.charAt(0)) < 0 && !plain.matches("(?s).*[<=].*")) {
                        Arrays.stream(plain.replaceAll("\\s+", " ").split("(?<=[.!?]) "))
                                .filter(s -> SENTENCE.matcher(s).matches() && s.split(" ").length >= 6)
                                .forEach(found::add);
                    }
                }
            }
        }
        List<String> sentences = new ArrayList<>(found);
        Collections.shuffle(sentences, new Random(7));
        return sentences;
    }

    static HuggingFaceTokenizer tokenizer(Path folder) throws IOException {
        return HuggingFaceTokenizer.builder(Map.of("padding", "false", "truncation", "true", "maxLength", "512"))
                .optTokenizerPath(folder.resolve("tokenizer.json"))
                .build();
    }

    /** Records of 64 tokens of running text each, so that nothing is padding. */
    static RandomAccessDataset records(List<String> sentences, HuggingFaceTokenizer tokenizer, int count) {
        long[] ids = new long[count * LENGTH];
        int at = 0;
        List<Long> text = new ArrayList<>();
        for (String sentence : sentences) {
            long[] tokens = tokenizer.encode(sentence, false, false).getIds();
            Arrays.stream(tokens).forEach(text::add);
            while (text.size() >= LENGTH - 2 && at < count) {
                ids[at * LENGTH] = 101;
                for (int i = 0; i < LENGTH - 2; i++) {
                    ids[at * LENGTH + 1 + i] = text.get(i);
                }
                ids[at * LENGTH + LENGTH - 1] = 102;
                text.subList(0, LENGTH - 2).clear();
                at++;
            }
        }
        if (at < count) {
            throw new IllegalArgumentException("There is text for " + at + " records only.");
        }
        NDManager manager = NDManager.newBaseManager();
        Shape shape = new Shape(count, LENGTH);
        long[] ones = new long[ids.length];
        Arrays.fill(ones, 1);
        return new ArrayDataset.Builder()
                .setData(
                        manager.create(ids, shape),
                        manager.create(ones, shape),
                        manager.create(new long[ids.length], shape))
                .setSampling(8, false)
                .build();
    }
}
