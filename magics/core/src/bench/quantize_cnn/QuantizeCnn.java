import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.RandomAccessDataset;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import pomona.djl.RuntimeSession;
import pomona.evaluate.Evaluation;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.onnx.Onnx;
import pomona.quantize.Calibration;
import pomona.quantize.KeptLayers;
import pomona.quantize.LayerChoice;
import pomona.quantize.StaticQuantization;

/**
 * Static 8-bit quantization of convolutional networks beside ONNX Runtime's Python quantizer; see run.sh.
 *
 * <pre>
 * QuantizeCnn train FOLDER NAME EPOCHS    trains a network of digits unless the folder has it
 * QuantizeCnn prepare FOLDER NAME      writes calibration data, and the published network
 * QuantizeCnn quantize FOLDER NAME KEEP [CALIBRATION]    quantizes one of them, KEEP layers left in float, with ranges by min-max
 *                                      or otherwise, and says how long it took and how much memory
 * QuantizeCnn compare FOLDER NAME...   measures networks of floats and all that was made of them
 * </pre>
 */
public final class QuantizeCnn {

    private static final int LINES = 200;
    private static final int CALIBRATION_LINES = Integer.parseInt(System.getenv().getOrDefault("CALIBRATION_LINES", "100"));
    private static final int DIGITS = 512;
    private static final int ROUNDS = 5;

    private QuantizeCnn() {}

    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[1]);
        switch (arguments[0]) {
            case "train" -> train(folder.resolve(arguments[2] + ".onnx"), arguments[2], Integer.parseInt(arguments[3]));
            case "prepare" -> prepare(folder, arguments[2]);
            case "quantize" -> quantize(folder, arguments[2], arguments[3], arguments.length < 5 ? "min-max" : arguments[4]);
            default -> {
                for (String name : Arrays.asList(arguments).subList(2, arguments.length)) {
                    compare(folder, name);
                }
            }
        }
    }

    private static void train(Path file, String name, int epochs) throws IOException {
        if (!isDigits(name) || Files.exists(file)) {
            return;
        }
        Network trained = Digits.trained(name.equals("lenet-5") ? Digits.lenet5() : Digits.residual(), epochs);
        Onnx.write(trained, file);
        System.out.printf(Locale.ROOT, "%-20s trained for %d epochs, error %.2f %%%n", name, epochs, error(name, trained));
    }

    private static void prepare(Path folder, String name) throws IOException {
        Path file = folder.resolve(name + ".onnx");
        if (isDigits(name)) {
            raw(folder.resolve(name + ".f32"), Digits.calibration().images(0, DIGITS).toFloatArray());
            return;
        }
        try (InputStream published = QuantizeCnn.class.getResourceAsStream("/models/ch_PP-OCRv4_rec_infer.onnx")) {
            Files.write(file, published.readAllBytes());
        }
        raw(folder.resolve(name + ".f32"), new TextLines(CALIBRATION_LINES, 1).pixels);
    }

    private static void raw(Path file, float[] values) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        Files.write(file, bytes.array());
    }

    private static boolean isDigits(String name) {
        return !name.startsWith("ppocr");
    }

    private static void quantize(Path folder, String name, String keep, String calibration) throws IOException {
        Calibration ranges = Calibration.valueOf(calibration.toUpperCase(Locale.ROOT).replace('-', '_'));
        String how = ranges == Calibration.MIN_MAX ? "" : "-" + calibration;
        try (NDManager manager = NDManager.newBaseManager()) {
            RandomAccessDataset data =
                    isDigits(name) ? Digits.calibration() : new TextLines(CALIBRATION_LINES, 1).data(manager);
            StaticQuantization pass = new StaticQuantization(data, isDigits(name) ? DIGITS : CALIBRATION_LINES, ranges)
                    .with(LayerChoice.ALL.with(KeptLayers.parse(keep)));
            long start = System.nanoTime();
            Network small = Onnx.read(folder.resolve(name + ".onnx")).apply(pass);
            Onnx.write(small, folder.resolve(name + ".pomona" + how + (keep.equals("0") ? "" : "-keep-" + keep) + ".onnx"));
            double seconds = (System.nanoTime() - start) / 1e9;
            System.out.printf(Locale.ROOT, "%-20s Pomona --keep-float %s%s: quantized in %.1f s, %s%n", name, keep,
                    how.isEmpty() ? "" : " --calibration " + calibration, seconds, peak());
            String kept = small.provenance().get(small.provenance().size() - 1).options().get("keepFloat");
            if (!kept.equals(keep)) {
                System.out.println("  left in float: " + kept);
            }
        }
    }

    /** The most memory that this process has held. */
    private static String peak() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmHWM")) {
                return "peak " + Long.parseLong(line.replaceAll("\\D", "")) / 1024 + " MB";
            }
        }
        return "peak unknown";
    }

    private static void compare(Path folder, String name) throws IOException {
        Map<String, Network> networks = new LinkedHashMap<>();
        networks.put("fp32", Onnx.read(folder.resolve(name + ".onnx")));
        try (var files = Files.list(folder)) {
            for (Path file : files.sorted().toList()) {
                String text = file.getFileName().toString();
                if (text.startsWith(name + ".") && text.endsWith(".onnx") && !text.equals(name + ".onnx")) {
                    networks.put(text.substring(name.length() + 1, text.length() - 5), Onnx.read(file));
                }
            }
        }
        Map<String, Double> errors = new LinkedHashMap<>();
        for (Map.Entry<String, Network> entry : networks.entrySet()) {
            try {
                errors.put(entry.getKey(), error(name, entry.getValue()));
            } catch (IllegalArgumentException | IllegalStateException e) {
                System.out.println(name + " " + entry.getKey() + " does not run: " + e.getMessage());
            }
        }
        networks.keySet().retainAll(errors.keySet());
        Map<String, Double> one = times(name, networks, 1);
        Map<String, Double> two = times(name, networks, 2);
        for (String made : networks.keySet()) {
            System.out.printf(Locale.ROOT,
                    "%-20s %-20s error %5.2f %%  %8d bytes  1 thread %8.1f us %.2fx  2 threads %8.1f us %.2fx%n", name,
                    made, errors.get(made), Onnx.size(networks.get(made)), one.get(made), one.get("fp32") / one.get(made),
                    two.get(made), two.get("fp32") / two.get(made));
        }
    }

    /** Wrong digits, or wrong characters, of a hundred. */
    private static double error(String name, Network network) {
        if (isDigits(name)) {
            return Evaluation.errorPercent(network, Digits.TEST);
        }
        TextLines lines = new TextLines(LINES, 2);
        List<String> symbols = List.of(network.metadata().get("character").split("\n"));
        int wrong = 0;
        int all = 0;
        try (RuntimeSession session = RuntimeSession.open(network)) {
            int size = 3 * TextLines.HEIGHT * TextLines.WIDTH;
            for (int i = 0; i < LINES; i++) {
                float[] picture = Arrays.copyOfRange(lines.pixels, i * size, (i + 1) * size);
                Tensor out = session.run(Tensor.ofFloats(picture, 1, 3, TextLines.HEIGHT, TextLines.WIDTH));
                String text = Reading.text(out.toFloatArray(), 0, (int) out.dim(1), symbols);
                wrong += Reading.distance(text, lines.texts.get(i));
                all += lines.texts.get(i).length();
            }
        }
        return 100.0 * wrong / all;
    }

    /**
     * Median microseconds of a run at batch 1, in the best of several rounds. Networks take turns, so that
     * they meet the same machine, and only one is loaded at a time, since ONNX Runtime's threads spin for a while.
     */
    private static Map<String, Double> times(String name, Map<String, Network> networks, int threads) {
        Tensor input = isDigits(name)
                ? Digits.TEST.images(0, 1)
                : Tensor.ofFloats(new TextLines(1, 2).pixels, 1, 3, TextLines.HEIGHT, TextLines.WIDTH);
        int runs = isDigits(name) ? 1000 : 20;
        Map<String, Double> best = new LinkedHashMap<>();
        for (int round = 0; round < ROUNDS; round++) {
            networks.forEach((made, network) -> best.merge(made, median(network, input, runs, threads), Math::min));
        }
        return best;
    }

    private static double median(Network network, Tensor input, int runs, int threads) {
        double[] micros = new double[runs];
        try (RuntimeSession session = RuntimeSession.open(network, threads)) {
            for (int run = -runs / 4; run < runs; run++) {
                long start = System.nanoTime();
                session.run(input);
                if (run >= 0) {
                    micros[run] = (System.nanoTime() - start) / 1e3;
                }
            }
        }
        return Arrays.stream(micros).sorted().toArray()[runs / 2];
    }
}
