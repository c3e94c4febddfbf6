import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.RandomAccessDataset;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import pomona.graph.Tensor;

/**
 * E-mails of the SpamAssassin corpus as numbers of words.
 *
 * @param words the first words of each body, by number, with {@link #PADDING} in front of short ones
 * @param spam for each whether it is spam
 */
record Mails(List<long[]> words, List<Boolean> spam) {

    /** How many words of a body are read. */
    static final int LENGTH = 80;

    static final long PADDING = 0;
    private static final long UNKNOWN = 1;

    /** A mail before its words are numbers. */
    private record Text(List<String> words, boolean spam) {}

    /**
     * Reads a folder of e-mails in JSON, in an order drawn with a seed, without their headers, which tell too easily what is
     * spam.
     *
     * @param held how many of them are held out
     * @param vocabulary how many words have numbers: the most frequent ones of the mails that are not held out
     * @return the mails to train on, and those held out
     */
    static List<Mails> read(Path folder, int held, int vocabulary, long seed) throws IOException {
        List<Text> texts = new ArrayList<>();
        try (Stream<Path> files = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
            for (Path file : files.filter(f -> f.getFileName().toString().matches("[0-9].*[.]json")).sorted().toList()) {
                String mail = new ObjectMapper().readTree(file.toFile()).path("text").asText();
                List<String> words = words(mail.substring(Math.max(0, mail.indexOf("\n\n"))));
                if (words.size() >= 5) {
                    texts.add(new Text(words, file.getParent().getFileName().toString().startsWith("spam")));
                }
            }
        }
        Collections.shuffle(texts, new Random(seed));
        List<Text> known = texts.subList(held, texts.size());
        Map<String, Long> numbers = numbers(known, vocabulary);
        return List.of(of(known, numbers), of(texts.subList(0, held), numbers));
    }

    private static List<String> words(String body) {
        String plain = body.replaceAll("(?s)<[^>]*>|&[a-z]+;|https?://\\S+", " ").toLowerCase(Locale.ROOT);
        return Stream.of(plain.split("[^a-z0-9$!']+"))
                .filter(word -> !word.isEmpty() && word.length() < 20)
                .limit(LENGTH)
                .toList();
    }

    private static Map<String, Long> numbers(List<Text> texts, int vocabulary) {
        Map<String, Integer> counts = new HashMap<>();
        texts.forEach(text -> text.words().forEach(word -> counts.merge(word, 1, Integer::sum)));
        Map<String, Long> numbers = new LinkedHashMap<>();
        counts.entrySet().stream()
                .sorted(Map.Entry.<String, Integer>comparingByValue()
                        .reversed()
                        .thenComparing(Map.Entry.comparingByKey(Comparator.naturalOrder())))
                .limit(vocabulary - 2)
                .forEach(entry -> numbers.put(entry.getKey(), numbers.size() + 2L));
        return numbers;
    }

    private static Mails of(List<Text> texts, Map<String, Long> numbers) {
        List<long[]> words = new ArrayList<>();
        for (Text text : texts) {
            long[] row = new long[LENGTH];
            int first = LENGTH - text.words().size();
            for (int i = 0; i < text.words().size(); i++) {
                row[first + i] = numbers.getOrDefault(text.words().get(i), UNKNOWN);
            }
            words.add(row);
        }
        return new Mails(words, texts.stream().map(Text::spam).toList());
    }

    int size() {
        return words.size();
    }

    long spamCount() {
        return spam.stream().filter(is -> is).count();
    }

    /** Some mails as what the network is fed. */
    Tensor feed(int from, int to) {
        long[] values = new long[(to - from) * LENGTH];
        for (int i = from; i < to; i++) {
            System.arraycopy(words.get(i), 0, values, (i - from) * LENGTH, LENGTH);
        }
        return Tensor.ofLongs(values, to - from, LENGTH);
    }

    /** Records of the words, with 1 as the label of spam. */
    RandomAccessDataset records(NDManager manager, int batch) {
        long[] labels = spam.stream().mapToLong(is -> is ? 1 : 0).toArray();
        return new ArrayDataset.Builder()
                .setData(manager.create(feed(0, size()).toLongArray(), new Shape(size(), LENGTH)))
                .optLabels(manager.create(labels))
                .setSampling(batch, false)
                .build();
    }
}
