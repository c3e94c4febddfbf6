import ai.djl.Device;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import pomona.graph.Attribute;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.onnx.Onnx;
import pomona.train.CrossEntropy;
import pomona.train.Objective;
import pomona.train.Training;
import pomona.train.TrainingLoop;

/**
 * How long a training step takes, and whether memory grows: {@code TrainingSpeed lenet|minilm STEPS [SENTENCES TOKENS]}.
 *
 * <p>Prints the median time of a step in milliseconds, and the memory of the process in MB after a tenth, after half, and
 * after all of the steps. A step is all that the training loop does for one batch: data, forward, backward, Adam.
 */
public final class TrainingSpeed {

    private static final SplittableRandom RANDOM = new SplittableRandom(1);

    private TrainingSpeed() {}

    public static void main(String[] args) throws IOException {
        boolean lenet = args[0].equals("lenet");
        int steps = Integer.parseInt(args[1]);
        Network network = lenet ? lenet() : minilm();
        Clock clock = new Clock(steps, lenet ? CrossEntropy.of(network) : (out, data, labels) -> out.head().square().mean());
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            int batch = lenet ? 128 : args.length > 2 ? Integer.parseInt(args[2]) : 16;
            int tokens = args.length > 3 ? Integer.parseInt(args[3]) : 64;
            int batches = lenet ? 50 : 10;
            ArrayDataset data = lenet ? images(manager, batch * batches) : sentences(manager, batch, batches, tokens);
            Training training = Training.epochs((steps + batches - 1) / batches).withBatchSize(batch);
            new TrainingLoop("bench", training, false).run(network, data, clock);
        }
        System.out.printf(Locale.ROOT, "%.3f %.0f %.0f %.0f%n", clock.median(), clock.early, clock.half, clock.late);
    }

    /** Notes the time whenever a step asks for its loss. */
    private static final class Clock implements Objective {
        private final long[] times;
        private final Objective objective;
        private int next;
        private double early;
        private double half;
        private double late;

        Clock(int steps, Objective objective) {
            this.times = new long[steps];
            this.objective = objective;
        }

        @Override
        public ai.djl.ndarray.NDArray loss(NDList predictions, NDList data, NDList labels) {
            if (next < times.length) {
                times[next++] = System.nanoTime();
                early = next == times.length / 10 ? memory() : early;
                half = next == times.length / 2 ? memory() : half;
                late = next == times.length ? memory() : late;
            }
            return objective.loss(predictions, data, labels);
        }

        /** The first fifth of the steps is warming up. */
        double median() {
            int from = times.length / 5;
            double[] steps = new double[times.length - 1 - from];
            Arrays.setAll(steps, i -> (times[from + i + 1] - times[from + i]) / 1e6);
            Arrays.sort(steps);
            return steps[steps.length / 2];
        }

        double memory() {
            try {
                return Files.readAllLines(Path.of("/proc/self/status")).stream()
                        .filter(line -> line.startsWith("VmRSS"))
                        .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")) / 1024)
                        .findFirst()
                        .orElse(Double.NaN);
            } catch (IOException e) {
                return Double.NaN;
            }
        }
    }

    private static ArrayDataset images(NDManager manager, int count) {
        return new ArrayDataset.Builder()
                .setData(manager.randomNormal(new Shape(count, 1, 28, 28)))
                .optLabels(manager.randomInteger(0, 10, new Shape(count), DataType.INT64))
                .setSampling(128, false)
                .build();
    }

    private static ArrayDataset sentences(NDManager manager, int batch, int batches, int tokens) {
        int count = batch * batches;
        Shape shape = new Shape(count, tokens);
        return new ArrayDataset.Builder()
                .setData(
                        manager.randomInteger(0, 30_000, shape, DataType.INT64),
                        manager.ones(shape, DataType.INT64),
                        manager.zeros(shape, DataType.INT64))
                .optLabels(manager.zeros(new Shape(count)))
                .setSampling(batch, false)
                .build();
    }

    private static Network minilm() throws IOException {
        try (InputStream file = TrainingSpeed.class.getResourceAsStream("/all-minilm-l6-v2.onnx")) {
            return Onnx.read(file.readAllBytes(), "minilm");
        }
    }

    /** LeNet-5 as in Han et al. 2015: 20 and 50 kernels of 5 x 5, 500 hidden units, 431 080 parameters. */
    private static Network lenet() {
        return Network.builder("lenet-5")
                .input("image", "batch", 1, 28, 28)
                .weight("conv1.weight", weight(20, 1, 5, 5))
                .weight("conv1.bias", weight(20))
                .weight("conv2.weight", weight(50, 20, 5, 5))
                .weight("conv2.bias", weight(50))
                .weight("fc1.weight", weight(500, 800))
                .weight("fc1.bias", weight(500))
                .weight("fc2.weight", weight(10, 500))
                .weight("fc2.bias", weight(10))
                .node("Conv", List.of("image", "conv1.weight", "conv1.bias"), "c1")
                .node(pool("c1", "p1"))
                .node("Conv", List.of("p1", "conv2.weight", "conv2.bias"), "c2")
                .node(pool("c2", "p2"))
                .node("Flatten", List.of("p2"), "flat")
                .node(dense("flat", "fc1", "hidden"))
                .node("Relu", List.of("hidden"), "active")
                .node(dense("active", "fc2", "logits"))
                .output("logits", "batch", 10)
                .build();
    }

    private static Node pool(String input, String output) {
        return Node.of("MaxPool", output, List.of(input), output)
                .with("kernel_shape", Attribute.ofInts(2, 2))
                .with("strides", Attribute.ofInts(2, 2));
    }

    private static Node dense(String input, String layer, String output) {
        return Node.of("Gemm", layer, List.of(input, layer + ".weight", layer + ".bias"), output)
                .with("transB", Attribute.of(1));
    }

    private static Tensor weight(long... shape) {
        long fanIn = shape.length == 1 ? shape[0] : Arrays.stream(shape).skip(1).reduce(1, (a, b) -> a * b);
        float[] values = new float[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (RANDOM.nextDouble(-1, 1) / Math.sqrt(fanIn));
        }
        return Tensor.ofFloats(values, shape);
    }
}
