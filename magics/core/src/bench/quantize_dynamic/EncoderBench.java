import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import pomona.djl.RuntimeSession;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.graph.Value;
import pomona.onnx.Onnx;
import pomona.quantize.DynamicQuantization;
import pomona.quantize.GeluApproximation;
import pomona.quantize.InputRange;
import pomona.quantize.SmoothQuant;

/** MiniLM-L6 as it is, as it is published in int8, and as Pomona quantizes it: size, agreement, time. */
final class EncoderBench {

    private static final int BATCH = 16;
    private static final int JUDGED = 500;
    private static final int TIMED = 192;

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        int rounds = Integer.parseInt(arguments[1]);
        Sentences sentences = Sentences.read(folder.resolve("mails"));
        Sentences judged = sentences.slice(0, JUDGED);
        Map<String, Network> networks = networks(folder, sentences.slice(JUDGED, JUDGED + 64));
        Map<String, Double> speeds = speeds(networks, judged.slice(0, TIMED).batches(BATCH), rounds);
        Map<String, RuntimeSession> sessions = new LinkedHashMap<>();
        networks.forEach((name, network) -> sessions.put(name, RuntimeSession.open(network, 2)));
        List<Map<String, Tensor>> batches = judged.batches(BATCH);
        List<double[]> wanted = embed(sessions.get("fp32"), batches);
        System.out.printf(
                "MiniLM-L6, %d sentences, batches of %d, 2 threads%n%-44s %9s %9s %9s %14s%n",
                JUDGED, BATCH, "", "MB", "cosine", "worst", "times as fast");
        for (String name : sessions.keySet()) {
            double[] cosines = Embeddings.cosines(wanted, embed(sessions.get(name), batches));
            System.out.printf(
                    Locale.ROOT,
                    "%-44s %9.2f %9.4f %9.4f %14.2f%n",
                    name,
                    Onnx.size(networks.get(name)) / 1e6,
                    Arrays.stream(cosines).average().orElseThrow(),
                    Arrays.stream(cosines).min().orElseThrow(),
                    speeds.get(name));
        }
        alone(sessions, judged);
    }

    private static Map<String, Network> networks(Path folder, Sentences others) throws Exception {
        Network fp32 = Onnx.read(folder.resolve("all-minilm-l6-v2.onnx"));
        List<String> inputs = fp32.signature().inputs().stream().map(Value::name).toList();
        DynamicQuantization all = new DynamicQuantization().withOperators("Gemm,MatMul,Gather");
        Map<String, Network> networks = new LinkedHashMap<>();
        networks.put("fp32", fp32);
        networks.put("published int8", Onnx.read(folder.resolve("all-minilm-l6-v2-q.onnx")));
        if (Files.exists(folder.resolve("peer.onnx"))) {
            networks.put("ONNX Runtime's quantize_dynamic, per channel", Onnx.read(folder.resolve("peer.onnx")));
        }
        networks.put("DynamicQuantization", fp32.apply(all));
        networks.put("  --ranges sample", fp32.apply(all.withRanges(InputRange.SAMPLE)));
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            SmoothQuant smoothing = new SmoothQuant(others.records(manager, inputs), 64);
            Network smooth = fp32.apply(smoothing);
            networks.put("SmoothQuant, DynamicQuantization", smooth.apply(all));
            networks.put("  --ranges sample ", smooth.apply(all.withRanges(InputRange.SAMPLE)));
            networks.put("SmoothQuant, GeluApproximation, Dynamic...", smooth.apply(new GeluApproximation()).apply(all));
            // Fewer operators that smooth: only where they gain more.
            Network some = fp32.apply(smoothing.withMinimumGain(3));
            networks.put("  --minimum-gain 3", some.apply(new GeluApproximation()).apply(all));
        }
        return networks;
    }

    private static List<double[]> embed(RuntimeSession session, List<Map<String, Tensor>> batches) {
        List<double[]> all = new ArrayList<>();
        for (Map<String, Tensor> batch : batches) {
            Map<String, Tensor> feeds = taken(session, batch);
            all.addAll(Embeddings.of(
                    session.run(feeds).values().iterator().next(), batch.get("attention_mask")));
        }
        return all;
    }

    private static Map<String, Tensor> taken(RuntimeSession session, Map<String, Tensor> batch) {
        Map<String, Tensor> feeds = new LinkedHashMap<>();
        session.signature().inputs().forEach(input -> feeds.put(input.name(), batch.get(input.name())));
        return feeds;
    }

    /**
     * How many times as fast as the first network each is, the median of all rounds. The networks take turns, each alone and
     * opened anew, and each round begins with another one, since the machine is faster at some times than at others.
     */
    private static Map<String, Double> speeds(
            Map<String, Network> networks, List<Map<String, Tensor>> batches, int rounds) {
        List<String> names = new ArrayList<>(networks.keySet());
        Map<String, double[]> ratios = new LinkedHashMap<>();
        for (int round = 0; round < rounds; round++) {
            Map<String, Double> seconds = new LinkedHashMap<>();
            Collections.rotate(names, 1);
            for (String name : names) {
                seconds.put(name, seconds(networks.get(name), batches));
            }
            for (String name : networks.keySet()) {
                double first = seconds.get(networks.keySet().iterator().next());
                ratios.computeIfAbsent(name, k -> new double[rounds])[round] = first / seconds.get(name);
            }
        }
        Map<String, Double> medians = new LinkedHashMap<>();
        ratios.forEach((name, all) -> {
            Arrays.sort(all);
            medians.put(name, all[all.length / 2]);
        });
        return medians;
    }

    private static double seconds(Network network, List<Map<String, Tensor>> batches) {
        try (RuntimeSession session = RuntimeSession.open(network, 2)) {
            batches.subList(0, 3).forEach(batch -> session.run(taken(session, batch)));
            long start = System.nanoTime();
            batches.forEach(batch -> session.run(taken(session, batch)));
            return (System.nanoTime() - start) / 1e9;
        }
    }

    /** What batch-mates and padding change: each of 32 sentences alone, and in its batch. */
    private static void alone(Map<String, RuntimeSession> sessions, Sentences judged) {
        System.out.println("The same sentence alone and in a batch of 16, padded: worst cosine of 64");
        Sentences few = judged.slice(0, 64);
        sessions.forEach((name, session) -> {
            double[] cosines = Embeddings.cosines(embed(session, few.batches(1)), embed(session, few.batches(BATCH)));
            System.out.printf(
                    Locale.ROOT, "%-44s %.7f%n", name, Arrays.stream(cosines).min().orElseThrow());
        });
    }
}
