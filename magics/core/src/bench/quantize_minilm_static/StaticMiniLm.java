import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.RandomAccessDataset;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import pomona.djl.RuntimeSession;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.graph.Value;
import pomona.onnx.Onnx;
import pomona.quantize.Calibration;
import pomona.quantize.DynamicQuantization;
import pomona.quantize.GeluApproximation;
import pomona.quantize.Refinement;
import pomona.quantize.StaticQuantization;

/**
 * Embeddings and times of MiniLM-L6 in floats and in integers.
 *
 * <pre>
 * StaticMiniLm prepare FOLDER SENTENCES     writes the records that ranges are taken from, for other quantizers
 * StaticMiniLm measure FOLDER SENTENCES     quantizes, and compares with what the folder has
 * </pre>
 */
public final class StaticMiniLm {

    private static final int THREADS = 2;
    private static final int CALIBRATION = 128;
    private static final int ROUNDS = 5;
    private static final int TIMED = 40;
    private static final String MASK = "attention_mask";

    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[1]);
        int judged = Integer.parseInt(args[2]);
        Sentences all = Sentences.read(folder.resolve("mails"));
        Sentences calibration = all.slice(judged, judged + CALIBRATION);
        if (args[0].equals("prepare")) {
            prepare(folder, calibration);
        } else {
            measure(folder, all.slice(0, judged), calibration);
        }
    }

    private static void prepare(Path folder, Sentences calibration) throws IOException {
        Files.writeString(folder.resolve("records.txt"), String.valueOf(calibration.size()));
        for (Map.Entry<String, Tensor> feed :
                calibration.batches(calibration.size()).get(0).entrySet()) {
            long[] values = feed.getValue().toLongArray();
            ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asLongBuffer().put(values);
            Files.write(folder.resolve(feed.getKey() + ".i64"), bytes.array());
        }
    }

    private static void measure(Path folder, Sentences sentences, Sentences calibration) throws IOException {
        Network floats = Onnx.read(folder.resolve("all-minilm-l6-v2.onnx"));
        System.out.printf(
                "%d sentences of %.1f tokens, ranges from %d others%n",
                sentences.size(), sentences.meanLength(), calibration.size());
        Map<String, Network> networks = new LinkedHashMap<>();
        networks.put("floats", floats);
        networks.put("published int8 file", Onnx.read(folder.resolve("all-minilm-l6-v2-q.onnx")));
        for (String peer : List.of("peer", "peer-opset-13")) {
            if (Files.exists(folder.resolve(peer + ".onnx"))) {
                networks.put("ONNX Runtime's static, " + peer, Onnx.read(folder.resolve(peer + ".onnx")));
            }
        }
        // Tables of embeddings in bytes first: only rows of them are ever computed with.
        Network tables = floats.apply(new DynamicQuantization().withOperators("Gather"));
        networks.put("dynamic", tables.apply(new DynamicQuantization()));
        List<String> inputs = floats.signature().inputs().stream().map(Value::name).toList();
        try (NDManager manager = NDManager.newBaseManager()) {
            RandomAccessDataset records = calibration.records(manager, inputs);
            networks.put("static min-max", tables.apply(of(records, Calibration.MIN_MAX, "", 0)));
            for (Calibration way : Calibration.values()) {
                String name = way.name().toLowerCase(Locale.ROOT).replace('_', '-');
                networks.put("static " + name + " mask", tables.apply(of(records, way, MASK, 0)));
            }
            for (double smooth : new double[] {0.5, 0.7, 0.8}) {
                long start = System.nanoTime();
                networks.put(
                        "static percentile mask smooth " + smooth,
                        tables.apply(of(records, Calibration.PERCENTILE, MASK, smooth)));
                System.out.printf("quantized in %.1f s%n", (System.nanoTime() - start) / 1e9);
            }
            networks.put(
                    "  and tanh GELU",
                    tables.apply(new GeluApproximation()).apply(of(records, Calibration.PERCENTILE, MASK, 0.8)));
        }
        report(networks, sentences);
    }

    private static StaticQuantization of(
            RandomAccessDataset records, Calibration calibration, String mask, double smooth) {
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
                Map<String, Tensor> feeds = taken(session, sentences.alone(i));
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
                    Map<String, Tensor> feeds = taken(session, sentences.alone(i));
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

    private static Map<String, Tensor> taken(RuntimeSession session, Map<String, Tensor> all) {
        Map<String, Tensor> feeds = new LinkedHashMap<>();
        session.signature().inputs().forEach(input -> feeds.put(input.name(), all.get(input.name())));
        return feeds;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private StaticMiniLm() {}
}
