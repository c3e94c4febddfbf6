import ai.djl.Device;
import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import pomona.distill.FeatureDistillation;
import pomona.djl.RuntimeSession;
import pomona.evaluate.Profile;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.onnx.Onnx;
import pomona.prune.ChannelImportance;
import pomona.prune.ChannelPruning;
import pomona.prune.HeadPruning;
import pomona.prune.Scope;
import pomona.train.Training;

/**
 * Takes neurons and heads out of the sentence encoder MiniLM-L6 and distils it back; see run.sh.
 *
 * <p>{@code train TEXT FOLDER MINUTES} makes the pruned and the distilled networks and says how close their sentence
 * embeddings are to the dense network's; {@code measure FOLDER} times them in turns.
 */
final class MiniLmPruning {

    private static final double[] RATIOS = {0.25, 0.5};
    private static final int TOKENS = 64;
    private static final int BATCH = 16;
    private static final int HELD_OUT = 512;
    private static final String[] INPUTS = {"input_ids", "attention_mask", "token_type_ids"};

    private MiniLmPruning() {}

    public static void main(String[] arguments) throws IOException {
        if (arguments[0].equals("train")) {
            train(Text.read(Path.of(arguments[1])), Path.of(arguments[2]), Double.parseDouble(arguments[3]));
        } else {
            measure(Path.of(arguments[1]));
        }
    }

    /** What is learned from and what is judged on; no message gives to both. */
    private record Text(List<long[]> chunks, List<long[]> heldOut) {

        static Text read(Path folder) throws IOException {
            List<String> files;
            try (Stream<Path> walk = Files.walk(folder)) {
                files = new ArrayList<>(walk.map(Path::toString).filter(name -> name.endsWith(".txt")).sorted().toList());
            }
            Collections.shuffle(files, new Random(1));
            List<long[]> chunks = new ArrayList<>();
            List<long[]> heldOut = new ArrayList<>();
            Set<String> seen = new LinkedHashSet<>();
            try (InputStream json = MiniLmPruning.class.getResourceAsStream("/all-minilm-l6-v2-tokenizer.json");
                    HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.newInstance(json, Map.of("truncation", "false", "padding", "false"))) {
                for (String file : files) {
                    List<String> paragraphs = paragraphs(Files.readString(Path.of(file), java.nio.charset.StandardCharsets.ISO_8859_1), seen);
                    if (heldOut.size() < HELD_OUT) {
                        paragraphs.stream().limit(2).forEach(p -> heldOut.add(cut(tokenizer.encode(p), 128)));
                    } else {
                        chunks(tokenizer.encode(String.join(" ", paragraphs)), chunks);
                    }
                }
            }
            Collections.shuffle(chunks, new Random(2));
            System.out.printf(Locale.ROOT, "%d messages: %d pieces of %d tokens to learn from, %d paragraphs held out%n",
                    files.size(), chunks.size(), TOKENS, heldOut.size());
            return new Text(chunks, heldOut);
        }

        /** Paragraphs of prose in the body of a message that no message before had. */
        private static List<String> paragraphs(String message, Set<String> seen) {
            String body = message.replace("\r", "");
            body = body.substring(Math.max(0, body.indexOf("\n\n")));
            List<String> found = new ArrayList<>();
            for (String paragraph : body.split("\n\\s*\n")) {
                String plain = paragraph.replaceAll("(?s)<[^>]*>", " ").replaceAll("(?m)^[>|:\\s]+", "").replaceAll("\\s+", " ").strip();
                long letters = plain.chars().filter(c -> Character.isLetter(c) || c == ' ').count();
                if (plain.length() >= 40 && letters > 0.85 * plain.length() && plain.indexOf(' ') > 0 && seen.add(plain)) {
                    found.add(plain);
                }
            }
            return found;
        }

        private static long[] cut(Encoding encoding, int most) {
            long[] ids = encoding.getIds();
            return ids.length <= most ? ids : LongStream.concat(Arrays.stream(ids, 0, most - 1), LongStream.of(ids[ids.length - 1])).toArray();
        }

        /** Pieces of one length, each with the marks of its beginning and end. */
        private static void chunks(Encoding encoding, List<long[]> chunks) {
            long[] ids = encoding.getIds();
            for (int start = 1; start + TOKENS - 2 < ids.length; start += TOKENS - 2) {
                long[] chunk = new long[TOKENS];
                chunk[0] = ids[0];
                System.arraycopy(ids, start, chunk, 1, TOKENS - 2);
                chunk[TOKENS - 1] = ids[ids.length - 1];
                chunks.add(chunk);
            }
        }

        ArrayDataset data(NDManager manager, int records) {
            long[] ids = chunks.stream().limit(records).flatMapToLong(Arrays::stream).toArray();
            Shape shape = new Shape(ids.length / TOKENS, TOKENS);
            return new ArrayDataset.Builder()
                    .setData(
                            manager.create(ids, shape),
                            manager.ones(shape, ai.djl.ndarray.types.DataType.INT64),
                            manager.zeros(shape, ai.djl.ndarray.types.DataType.INT64))
                    .optLabels(manager.zeros(new Shape(ids.length / TOKENS)))
                    .setSampling(BATCH, false)
                    .build();
        }
    }

    private static Network dense() throws IOException {
        try (InputStream file = MiniLmPruning.class.getResourceAsStream("/all-minilm-l6-v2.onnx")) {
            return Onnx.read(file.readAllBytes(), "minilm");
        }
    }

    private static void train(Text text, Path folder, double minutes) throws IOException {
        Files.createDirectories(folder);
        Network dense = dense();
        Onnx.write(dense, folder.resolve("dense.onnx"));
        float[][] truth = embeddings(dense, text.heldOut());
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            ChannelImportance importance = ChannelImportance.valueOf(System.getProperty("importance", "ACTIVATION"));
            ArrayDataset some = text.data(manager, 256);
            for (double ratio : System.getProperty("ratio") == null ? RATIOS : new double[] {Double.parseDouble(System.getProperty("ratio"))}) {
                Network pruned = dense.apply(new HeadPruning(ratio, Scope.LAYER, importance, "*", some, 256, 0))
                        .apply(new ChannelPruning(ratio, Scope.LAYER, importance, some).withReestimate(false))
                        .named("minilm-" + Math.round(100 * ratio));
                double before = cosine(truth, embeddings(pruned, text.heldOut()));
                long start = System.nanoTime();
                long processor = processorNanos();
                Network distilled = distil(dense, pruned, text, manager, minutes);
                double seconds = (System.nanoTime() - start) * 1e-9;
                double processorSeconds = (processorNanos() - processor) * 1e-9;
                Onnx.write(distilled, folder.resolve(name(ratio)));
                System.out.printf(Locale.ROOT,
                        "%2.0f %% removed: cosine %.4f before, %.4f after %.0f s of distillation (%.0f processor seconds);"
                                + " %,d of %,d parameters, %.1f MB%n",
                        100 * ratio, before, cosine(truth, embeddings(distilled, text.heldOut())), seconds, processorSeconds,
                        distilled.parameters(), dense.parameters(), Files.size(folder.resolve(name(ratio))) * 1e-6);
            }
        }
        System.out.printf(Locale.ROOT, "dense: %,d parameters, %.1f MB%n", dense.parameters(), Files.size(folder.resolve("dense.onnx")) * 1e-6);
    }

    private static String name(double ratio) {
        return "pruned" + Math.round(100 * ratio) + ".onnx";
    }

    /** As many steps as the minutes have room for on all processors, by the processor time of a few. */
    private static Network distil(Network dense, Network pruned, Text text, NDManager manager, double minutes) {
        int trial = 12;
        FeatureDistillation warm = distillation(dense, text.data(manager, trial * BATCH));
        warm.transform(pruned);
        long start = processorNanos();
        warm.transform(pruned);
        double step = (processorNanos() - start) * 1e-9 / trial;
        int processors = Runtime.getRuntime().availableProcessors();
        int steps = Integer.getInteger("steps", (int) (60 * minutes * processors / step) - 2 * trial);
        int records = Math.min(text.chunks().size(), steps * BATCH);
        System.out.printf(Locale.ROOT, "%.0f ms of processor time a step, %d steps%n", 1000 * step, records / BATCH);
        return distillation(dense, text.data(manager, records)).transform(pruned);
    }

    private static FeatureDistillation distillation(Network dense, ArrayDataset data) {
        Training training = Training.epochs(1).withBatchSize(BATCH).withLearningRate(Double.parseDouble(System.getProperty("rate", "3e-4")));
        return new FeatureDistillation(dense, data, training).withValues(System.getProperty("values", layers()));
    }

    /** What each of the six layers hands on, the last of which is the output. */
    private static String layers() {
        return IntStream.range(0, 5)
                .mapToObj(layer -> "/encoder/layer." + layer + "/output/LayerNorm/Add_1_output_0,")
                .collect(Collectors.joining()) + "output";
    }

    private static long processorNanos() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
    }

    /** Mean-pooled outputs, one for each text. */
    private static float[][] embeddings(Network network, List<long[]> texts) {
        try (RuntimeSession session = RuntimeSession.open(network)) {
            return texts.stream().map(ids -> {
                float[] tokens = session.run(feeds(ids)).values().iterator().next().toFloatArray();
                float[] mean = new float[tokens.length / ids.length];
                for (int i = 0; i < tokens.length; i++) {
                    mean[i % mean.length] += tokens[i] / ids.length;
                }
                return mean;
            }).toArray(float[][]::new);
        }
    }

    private static Map<String, Tensor> feeds(long[] ids) {
        long[] ones = new long[ids.length];
        Arrays.fill(ones, 1);
        Map<String, Tensor> feeds = new LinkedHashMap<>();
        feeds.put(INPUTS[0], Tensor.ofLongs(ids, 1, ids.length));
        feeds.put(INPUTS[1], Tensor.ofLongs(ones, 1, ids.length));
        feeds.put(INPUTS[2], Tensor.ofLongs(new long[ids.length], 1, ids.length));
        return feeds;
    }

    private static double cosine(float[][] left, float[][] right) {
        double sum = 0;
        for (int t = 0; t < left.length; t++) {
            double product = 0;
            double leftSquare = 0;
            double rightSquare = 0;
            for (int i = 0; i < left[t].length; i++) {
                product += left[t][i] * (double) right[t][i];
                leftSquare += left[t][i] * (double) left[t][i];
                rightSquare += right[t][i] * (double) right[t][i];
            }
            sum += product / Math.sqrt(leftSquare * rightSquare);
        }
        return sum / left.length;
    }

    /** One text of so many tokens, one thread each: threads of several sessions disturb each other. The networks take turns, so that whatever else the machine does meets all. */
    private static void measure(Path folder) {
        String[] files = {"dense.onnx", name(RATIOS[0]), name(RATIOS[1])};
        List<Network> networks = Stream.of(files).map(file -> Onnx.read(folder.resolve(file))).toList();
        for (int tokens : new int[] {32, 128, 256}) {
            Map<String, Tensor> feeds = feeds(new Random(3).longs(tokens, 1000, 30_000).toArray());
            long[] sums = networks.stream().mapToLong(network -> Profile.of(network, Map.of("batch_size", 1L, "sequence_length", (long) tokens)).macs()).toArray();
            List<RuntimeSession> sessions = networks.stream().map(network -> RuntimeSession.open(network, 1)).toList();
            int rounds = 4000 / tokens;
            double[][] times = new double[files.length][rounds];
            for (int round = -5; round < rounds; round++) {
                for (int n = 0; n < files.length; n++) {
                    long start = System.nanoTime();
                    sessions.get(n).run(feeds);
                    if (round >= 0) {
                        times[n][round] = (System.nanoTime() - start) * 1e-6;
                    }
                }
            }
            sessions.forEach(RuntimeSession::close);
            double[] medians = Stream.of(times).mapToDouble(t -> Arrays.stream(t).sorted().skip(t.length / 2).findFirst().orElseThrow()).toArray();
            System.out.printf(Locale.ROOT, "1 x %3d tokens: dense %.2f ms; 25 %% removed %.2f ms, %.2fx faster (%.2fx fewer MACs);"
                            + " 50 %% removed %.2f ms, %.2fx (%.2fx)%n", tokens,
                    medians[0], medians[1], medians[0] / medians[1], sums[0] / (double) sums[1],
                    medians[2], medians[0] / medians[2], sums[0] / (double) sums[2]);
        }
    }
}
