import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;
import pomona.djl.IdxDataset;
import pomona.djl.RuntimeSession;
import pomona.evaluate.Evaluation;
import pomona.evaluate.Profile;
import pomona.graph.Attribute;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.onnx.Onnx;
import pomona.prune.ChannelImportance;
import pomona.prune.ChannelPruning;
import pomona.prune.PruningTarget;
import pomona.prune.Scope;
import pomona.simplify.AllFolding;
import pomona.train.FineTuning;
import pomona.train.Training;

/**
 * Takes half of the multiply-accumulates out of a CNN with residuals and depthwise convolutions; see run.sh.
 *
 * <p>{@code train MNIST FOLDER EPOCHS TUNING} makes the networks, each kept in the folder, so that a run that was stopped
 * goes on; {@code measure MNIST FOLDER} counts their errors and times them in turns.
 */
final class ResidualPruning {

    /** What ONNX Runtime's fast convolutions take together: depthwise layers of other widths leave them, and are slower. */
    private static final int WIDTH = 16;

    private static final Random RANDOM = new Random(1);

    private final NetworkBuilder builder = Network.builder("residual-mnist").input("x", "batch", 1, 28, 28);

    private ResidualPruning() {}

    public static void main(String[] arguments) throws IOException {
        Path mnist = Path.of(arguments[1]);
        Path folder = Path.of(arguments[2]);
        if (arguments[0].equals("train")) {
            train(IdxDataset.train(mnist), folder, Integer.parseInt(arguments[3]), Integer.parseInt(arguments[4]));
        } else {
            measure(IdxDataset.test(mnist), folder);
        }
    }

    private static void train(IdxDataset data, Path folder, int epochs, int tuning) throws IOException {
        Files.createDirectories(folder);
        Network dense = kept(folder.resolve("dense.onnx"), () -> new ResidualPruning().network()
                .apply(new FineTuning(data, Training.epochs(epochs).withLearningRate(0.004), false)));
        Network pruned = kept(folder.resolve("pruned.onnx"), () -> dense
                .apply(new ChannelPruning(0.5, Scope.GLOBAL, ChannelImportance.TAYLOR, data)
                        .withTarget(PruningTarget.MACS)
                        .withRoundTo(WIDTH)));
        kept(folder.resolve("tuned.onnx"), () -> pruned.apply(
                new FineTuning(data, Training.epochs(tuning).withLearningRate(0.002), false)));
    }

    /** The network in a file, which is made first where there is none. */
    private static Network kept(Path file, Supplier<Network> work) {
        if (!Files.exists(file)) {
            long start = System.nanoTime();
            Network network = work.get();
            Onnx.write(network, file);
            System.out.printf(Locale.ROOT, "%s: %.0f s%n", file.getFileName(), (System.nanoTime() - start) * 1e-9);
        }
        return Onnx.read(file);
    }

    private static void measure(IdxDataset test, Path folder) {
        Network dense = Onnx.read(folder.resolve("dense.onnx"));
        Network pruned = Onnx.read(folder.resolve("pruned.onnx"));
        Network tuned = Onnx.read(folder.resolve("tuned.onnx"));
        double error = Evaluation.errorPercent(dense, test);
        double after = Evaluation.errorPercent(tuned, test);
        System.out.printf(Locale.ROOT, "dense %.2f %% error; pruned %.2f %%; fine-tuned %.2f %% (%+.2f points) on %d digits%n",
                error, Evaluation.errorPercent(pruned, test), after, after - error, test.size());
        Profile before = Profile.of(dense);
        Profile left = Profile.of(tuned);
        System.out.printf(Locale.ROOT, "multiply-accumulates %,d to %,d (%.1f %%), parameters %,d to %,d (%.1f %%)%n",
                before.macs(), left.macs(), 100.0 * (left.macs() - before.macs()) / before.macs(),
                before.parameters(), left.parameters(), 100.0 * (left.parameters() - before.parameters()) / before.parameters());
        latency(dense.apply(new AllFolding()), tuned.apply(new AllFolding()));
    }

    /** Both networks in turns and with one thread each, so that whatever else the machine does meets both. */
    private static void latency(Network dense, Network pruned) {
        for (int batch : new int[] {1, 32}) {
            float[] pixels = new float[batch * 28 * 28];
            for (int i = 0; i < pixels.length; i++) {
                pixels[i] = RANDOM.nextFloat();
            }
            Map<String, Tensor> feeds = Map.of("x", Tensor.ofFloats(pixels, batch, 1, 28, 28));
            List<RuntimeSession> sessions = Stream.of(dense, pruned).map(n -> RuntimeSession.open(n, 1)).toList();
            double[][] times = new double[2][2000 / batch + 100];
            for (int round = -100; round < times[0].length; round++) {
                for (int n = 0; n < 2; n++) {
                    long start = System.nanoTime();
                    sessions.get(n).run(feeds);
                    if (round >= 0) {
                        times[n][round] = (System.nanoTime() - start) * 1e-3;
                    }
                }
            }
            sessions.forEach(RuntimeSession::close);
            Arrays.sort(times[0]);
            Arrays.sort(times[1]);
            double whole = times[0][times[0].length / 2];
            double half = times[1][times[1].length / 2];
            System.out.printf(Locale.ROOT, "batch %2d: dense %.0f us, pruned %.0f us, %.2fx faster%n", batch, whole, half, whole / half);
        }
    }

    /** A stem, two residual blocks of 16 channels at 14 x 14, two of 32 at 7 x 7, and a linear classifier. */
    private Network network() {
        String value = layer("stem", "x", 16, 1, 3, 2, 1, true);
        value = block("a1", value, 16);
        value = block("a2", value, 16);
        value = layer("down", value, 32, 16, 3, 2, 1, true);
        value = block("b1", value, 32);
        value = block("b2", value, 32);
        builder.node("GlobalAveragePool", List.of(value), "mean")
                .node("Flatten", List.of("mean"), "flat")
                .weight("fc.weight", random(32, 10, 32))
                .weight("fc.bias", Tensor.ofFloats(new float[10], 10))
                .node(Node.of("Gemm", "fc", List.of("flat", "fc.weight", "fc.bias"), "logits").with("transB", Attribute.of(1)));
        return builder.output("logits", "batch", 10).build();
    }

    /** Wider by a 1 x 1 convolution, a depthwise one, and back, beside what was there (Sandler et al. 2018). */
    private String block(String name, String value, int channels) {
        int wide = 3 * channels;
        String up = layer(name + ".up", value, wide, channels, 1, 1, 1, true);
        String deep = layer(name + ".deep", up, wide, wide, 3, 1, wide, true);
        String down = layer(name + ".down", deep, channels, wide, 1, 1, 1, false);
        builder.node("Add", List.of(value, down), name + ".sum");
        return name + ".sum";
    }

    private String layer(String name, String input, int out, int in, int kernel, int stride, int groups, boolean active) {
        builder.weight(name + ".weight", random(in / groups * kernel * kernel, out, in / groups, kernel, kernel))
                .node(Node.of("Conv", name, List.of(input, name + ".weight"), name + ".conv")
                        .with("group", Attribute.of(groups))
                        .with("strides", Attribute.ofInts(stride, stride))
                        .with("pads", Attribute.ofInts(kernel / 2, kernel / 2, kernel / 2, kernel / 2)))
                .weight(name + ".scale", filled(out, 1))
                .weight(name + ".shift", filled(out, 0))
                .weight(name + ".mean", filled(out, 0))
                .weight(name + ".variance", filled(out, 1))
                .node("BatchNormalization", List.of(name + ".conv", name + ".scale", name + ".shift", name + ".mean", name + ".variance"), name + ".norm");
        if (!active) {
            return name + ".norm";
        }
        builder.node("Relu", List.of(name + ".norm"), name + ".relu");
        return name + ".relu";
    }

    private static Tensor filled(int size, float value) {
        float[] values = new float[size];
        Arrays.fill(values, value);
        return Tensor.ofFloats(values, size);
    }

    private static Tensor random(int fanIn, long... shape) {
        float[] values = new float[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (RANDOM.nextGaussian() * Math.sqrt(2.0 / fanIn));
        }
        return Tensor.ofFloats(values, shape);
    }
}
