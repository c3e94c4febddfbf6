import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import pomona.djl.RuntimeSession;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.graph.Value;
import pomona.onnx.Onnx;
import pomona.quantize.DynamicQuantization;
import pomona.train.Descent;
import pomona.train.FineTuning;
import pomona.train.Schedule;
import pomona.train.Training;

/**
 * A detector of spam, of embeddings, an LSTM and a linear layer, trained on e-mails and quantized dynamically: size, error on
 * e-mails that were held out, and time, beside the floats and ONNX Runtime's own quantizer.
 *
 * <p>{@code train FOLDER SEED} writes the trained network, {@code measure FOLDER SEED ROUNDS} compares what is there.
 */
final class QuantizeLstm {

    private static final int HELD = 1200;
    private static final int VOCABULARY = 8000;
    private static final int FEATURES = 64;
    private static final int UNITS = 128;
    private static final int BATCH = 32;
    private static final int EPOCHS = 3;

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[1]);
        long seed = Long.parseLong(arguments[2]);
        List<Mails> mails = Mails.read(folder.resolve("mails/package/data"), HELD, VOCABULARY, seed);
        if (arguments[0].equals("train")) {
            train(folder, seed, mails.get(0), mails.get(1));
        } else {
            measure(folder, seed, mails.get(1), Integer.parseInt(arguments[3]));
        }
    }

    private static void train(Path folder, long seed, Mails known, Mails held) {
        System.out.printf(
                Locale.ROOT,
                "seed %d: trained on %d e-mails (%d spam), %d held out (%d spam)%n",
                seed,
                known.size(),
                known.spamCount(),
                held.size(),
                held.spamCount());
        Training training = new Training(EPOCHS, BATCH, 0.002, Descent.ADAM, 0, Schedule.COSINE, seed, 0);
        long start = System.nanoTime();
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            Network trained = network(seed).apply(new FineTuning(known.records(manager, BATCH), training, false));
            Onnx.write(trained, folder.resolve("lstm-" + seed + ".onnx"));
        }
        System.out.printf(Locale.ROOT, "  %d epochs in %.0f s%n", EPOCHS, (System.nanoTime() - start) / 1e9);
    }

    /** Words, their embeddings, an LSTM over them, the largest of each of its units over the words, two classes. */
    private static Network network(long seed) {
        Random random = new Random(seed);
        double bound = 1 / Math.sqrt(UNITS);
        return Network.builder("spam")
                .input(Value.of("words", ElementType.INT64, "batch", Mails.LENGTH))
                .weight("embedding", uniform(random, 0.5, VOCABULARY, FEATURES))
                .weight("lstm.w", uniform(random, bound, 1, 4 * UNITS, FEATURES))
                .weight("lstm.r", uniform(random, bound, 1, 4 * UNITS, UNITS))
                .weight("lstm.b", uniform(random, bound, 1, 8 * UNITS))
                .weight("direction", Tensor.ofLongs(new long[] {1}, 1))
                .weight("classes.w", uniform(random, bound, UNITS, 2))
                .weight("classes.b", uniform(random, bound, 2))
                .node("Gather", List.of("embedding", "words"), "embedded")
                .node(Node.of("Transpose", "turn", List.of("embedded"), "sequence")
                        .with("perm", Attribute.ofInts(1, 0, 2)))
                .node(Node.of("LSTM", "lstm", List.of("sequence", "lstm.w", "lstm.r", "lstm.b"), "states")
                        .with("hidden_size", Attribute.of(UNITS)))
                .node("Squeeze", List.of("states", "direction"), "units")
                .node(Node.of("ReduceMax", "largest", List.of("units"), "mail")
                        .with("axes", Attribute.ofInts(0))
                        .with("keepdims", Attribute.of(0)))
                .node("Gemm", List.of("mail", "classes.w", "classes.b"), "y")
                .output("y", "batch", 2)
                .build();
    }

    private static Tensor uniform(Random random, double bound, long... shape) {
        float[] values = new float[(int) Arrays.stream(shape).reduce(1, Math::multiplyExact)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (bound * (2 * random.nextDouble() - 1));
        }
        return Tensor.ofFloats(values, shape);
    }

    private static void measure(Path folder, long seed, Mails held, int rounds) throws Exception {
        Network floats = Onnx.read(folder.resolve("lstm-" + seed + ".onnx"));
        Map<String, Network> networks = new LinkedHashMap<>();
        networks.put("floats", floats);
        networks.put("DynamicQuantization", floats.apply(new DynamicQuantization()));
        networks.put(
                "  --operators Gemm,MatMul,LSTM,Gather",
                floats.apply(new DynamicQuantization().withOperators("Gemm,MatMul,LSTM,Gather")));
        Path peer = folder.resolve("peer-" + seed + ".onnx");
        if (Files.exists(peer)) {
            networks.put("ONNX Runtime's quantize_dynamic", Onnx.read(peer));
        }
        Map<String, RuntimeSession> sessions = new LinkedHashMap<>();
        networks.forEach((name, network) -> sessions.put(name, RuntimeSession.open(network, 1)));
        double[] right = spam(sessions.get("floats"), held);
        System.out.printf(
                Locale.ROOT,
                "%-38s %8s %8s %8s %12s %12s %12s%n",
                "seed " + seed + ", " + held.size() + " held out",
                "MB",
                "error %",
                "others",
                "difference",
                "us/e-mail",
                "in batches");
        Map<String, Double> alone = times(sessions, held, 1, rounds);
        Map<String, Double> together = times(sessions, held, BATCH, rounds);
        for (String name : networks.keySet()) {
            double[] got = spam(sessions.get(name), held);
            int wrong = 0;
            int other = 0;
            double difference = 0;
            for (int i = 0; i < got.length; i++) {
                wrong += got[i] > 0.5 == held.spam().get(i) ? 0 : 1;
                other += got[i] > 0.5 == right[i] > 0.5 ? 0 : 1;
                difference += Math.abs(got[i] - right[i]) / got.length;
            }
            System.out.printf(
                    Locale.ROOT,
                    "%-38s %8.2f %8.2f %8d %12.5f %12.0f %12.0f%n",
                    name,
                    Onnx.size(networks.get(name)) / 1e6,
                    100.0 * wrong / got.length,
                    other,
                    difference,
                    1e6 * alone.get(name),
                    1e6 * together.get(name));
        }
        sessions.values().forEach(RuntimeSession::close);
    }

    /** The probability of spam for each mail. */
    private static double[] spam(RuntimeSession session, Mails mails) {
        double[] spam = new double[mails.size()];
        for (int from = 0; from < spam.length; from += BATCH) {
            float[] scores = session.run(mails.feed(from, Math.min(spam.length, from + BATCH))).toFloatArray();
            for (int i = 0; i < scores.length / 2; i++) {
                spam[from + i] = 1 / (1 + Math.exp(scores[2 * i] - scores[2 * i + 1]));
            }
        }
        return spam;
    }

    /** Median seconds for one mail, in batches; the networks take turns, and each round is of other mails. */
    private static Map<String, Double> times(
            Map<String, RuntimeSession> sessions, Mails mails, int batch, int rounds) {
        int turns = rounds * (batch == 1 ? 20 : 4);
        Map<String, double[]> seconds = new LinkedHashMap<>();
        for (int turn = -3; turn < turns; turn++) {
            int from = Math.floorMod(turn * batch, mails.size() - batch);
            Tensor feed = mails.feed(from, from + batch);
            for (Map.Entry<String, RuntimeSession> entry : sessions.entrySet()) {
                long start = System.nanoTime();
                entry.getValue().run(feed);
                double time = (System.nanoTime() - start) / 1e9 / batch;
                if (turn >= 0) {
                    seconds.computeIfAbsent(entry.getKey(), name -> new double[turns])[turn] = time;
                }
            }
        }
        Map<String, Double> medians = new LinkedHashMap<>();
        seconds.forEach((name, times) -> {
            Arrays.sort(times);
            medians.put(name, times[times.length / 2]);
        });
        return medians;
    }
}
