import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.RandomAccessDataset;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import pomona.djl.RuntimeSession;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.graph.Value;
import pomona.onnx.Onnx;
import pomona.quantize.Calibration;
import pomona.quantize.DynamicQuantization;
import pomona.quantize.Refinement;
import pomona.quantize.StaticQuantization;

/** Embeddings and times of MiniLM-L6 in floats and in integers; args: the folder of e-mails, sentences, published file. */
public final class StaticMiniLm {

    private static final int THREADS = 2;
    private static final int CALIBRATION = 128;
    private static final int ROUNDS = 5;
    private static final int TIMED = 40;

    public static void main(String[] args) throws Exception {
        Path data = Path.of(args[0]);
        int judged = Integer.parseInt(args[1]);
        Sentences all = Sentences.read(data);
        Sentences sentences = all.slice(0, judged);
        Sentences calibration = all.slice(judged, judged + CALIBRATION);
        Network floats;
        try (InputStream in = StaticMiniLm.class.getResourceAsStream("/all-minilm-l6-v2.onnx")) {
            floats = Onnx.read(in.readAllBytes(), "minilm");
        }
        System.out.printf(
                "%d sentences of %.1f tokens, ranges from %d others%n",
                sentences.size(), sentences.meanLength(), calibration.size());
        List<String> inputs = floats.signature().inputs().stream().map(Value::name).toList();
        Map<String, Network> networks = new LinkedHashMap<>();
        networks.put("floats", floats);
        if (args.length > 2) {
            networks.put("published int8 file", Onnx.read(Path.of(args[2])));
        }
        networks.put("dynamic", floats.apply(new DynamicQuantization()));
        try (NDManager manager = NDManager.newBaseManager()) {
            RandomAccessDataset records = calibration.records(manager, inputs);
            networks.put("static min-max", floats.apply(of(records, Calibration.MIN_MAX, "", 0)));
            networks.put("static min-max mask", floats.apply(of(records, Calibration.MIN_MAX, "attention_mask", 0)));
            networks.put("static percentile mask", floats.apply(of(records, Calibration.PERCENTILE, "attention_mask", 0)));
            for (double smooth : new double[] {0.5, 0.7, 0.8}) {
                long start = System.nanoTime();
                networks.put(
                        "static percentile mask smooth " + smooth,
                        floats.apply(of(records, Calibration.PERCENTILE, "attention_mask", smooth)));
                System.out.printf("quantized in %.1f s%n", (System.nanoTime() - start) / 1e9);
            }
        }
        report(networks, sentences);
    }

    private static StaticQuantization of(RandomAccessDataset records, Calibration calibration, String mask, double smooth) {
        StaticQuantization pass = new StaticQuantization(records, CALIBRATION, calibration);
        return pass.with(pass.ranges().withMask(mask))
                .with(smooth == 0 ? Refinement.NONE : Refinement.smooth(smooth));
    }

    private static void report(Map<String, Network> networks, Sentences sentences) {
        List<double[]> wanted = new ArrayList<>();
        Map<String, RuntimeSession> sessions = new LinkedHashMap<>();
        Map<String, double[]> cosines = new LinkedHashMap<>();
        Map<String, double[]> times = new LinkedHashMap<>();
        networks.forEach((name, network) -> {
            sessions.put(name, RuntimeSession.open(network, THREADS));
            times.put(name, new double[ROUNDS * TIMED]);
        });
        sessions.forEach((name, session) -> {
            List<double[]> found = new ArrayList<>();
            for (int i = 0; i < sentences.size(); i++) {
                Map<String, Tensor> feeds = sentences.alone(i);
                Tensor hidden = session.run(feeds).values().iterator().next();
                found.addAll(Embeddings.of(hidden, feeds.get("attention_mask")));
            }
            if (name.equals("floats")) {
                wanted.addAll(found);
            }
            cosines.put(name, Embeddings.cosines(wanted, found));
        });
        // In turns, so that what else the machine does falls on all alike.
        for (int round = 0; round < ROUNDS; round++) {
            int first = round * TIMED;
            sessions.forEach((name, session) -> {
                for (int i = 0; i < TIMED; i++) {
                    Map<String, Tensor> feeds = sentences.alone(i);
                    long start = System.nanoTime();
                    session.run(feeds);
                    times.get(name)[first + i] = (System.nanoTime() - start) / 1e6;
                }
            });
        }
        System.out.printf("%-36s %9s %9s %9s %11s %8s%n", "", "MB", "cosine", "worst", "ms (median)", "speed");
        double base = median(times.get("floats"));
        networks.forEach((name, network) -> System.out.printf(
                "%-36s %9.2f %9.4f %9.4f %11.2f %8.2f%n",
                name,
                Onnx.size(network) / 1e6,
                Arrays.stream(cosines.get(name)).average().orElse(0),
                Arrays.stream(cosines.get(name)).min().orElse(0),
                median(times.get(name)),
                base / median(times.get(name))));
        sessions.values().forEach(RuntimeSession::close);
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private StaticMiniLm() {}
}
