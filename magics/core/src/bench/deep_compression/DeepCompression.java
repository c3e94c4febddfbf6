import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import pomona.djl.IdxDataset;
import pomona.distill.SoftTargetDistillation;
import pomona.evaluate.Evaluation;
import pomona.graph.Network;
import pomona.graph.Step;
import pomona.onnx.Onnx;
import pomona.prune.ChannelImportance;
import pomona.prune.ChannelPruning;
import pomona.prune.LampPruning;
import pomona.prune.Scope;
import pomona.quantize.CentroidStart;
import pomona.quantize.LayerBits;
import pomona.quantize.WeightSharingQuantization;
import pomona.simplify.CommonSubexpressionFolding;
import pomona.simplify.NameShortening;
import pomona.train.Descent;
import pomona.train.FineTuning;
import pomona.train.Schedule;
import pomona.train.Training;

/**
 * Prunes, shares and entropy-codes the networks of Han et al., Deep Compression, 2016 (arXiv 1510.00149), on all of MNIST,
 * and measures the file: {@code DeepCompression NETWORK FOLDER SEED...}; see run.sh.
 */
final class DeepCompression {

    /** Half of the loss is the dense network's word, at a temperature of 2. */
    private static final double TEMPERATURE = 2;
    private static final double SOFT_SHARE = 0.5;

    /**
     * What is done with a network.
     *
     * @param denseEpochs training of the dense network
     * @param channels the share of channels and units that go first
     * @param sparsities the shares of zeros in what is left, one after the other
     * @param epochs training after each of them
     * @param rate the learning rate after the last of them; half of it after the others
     * @param turns how the weights are shared: all at once, or layer by layer
     */
    private record Plan(int denseEpochs, double channels, double[] sparsities, int[] epochs, double rate, Turn... turns) {}

    /**
     * Sharing the weights of some layers.
     *
     * @param bits bits by layer
     * @param start where the centroids start
     * @param epochs training of the centroids, and of what is not shared yet
     * @param rate its learning rate
     */
    private record Turn(String bits, CentroidStart start, int epochs, double rate) {}

    private static final Map<String, Plan> PLANS = Map.of(
            "lenet-300-100",
            new Plan(40, 0.5, new double[] {0.576, 0.788, 0.8728, 0.9152, 0.9360, 0.9500}, new int[] {5, 5, 6, 7, 8, 90},
                    0.008,
                    new Turn("fc1=3", CentroidStart.DENSITY, 8, 0.005),
                    new Turn("fc2=4", CentroidStart.DENSITY, 8, 0.005),
                    new Turn("fc3=4", CentroidStart.DENSITY, 10, 0.002)),
            "lenet-5",
            new Plan(6, 0.5, new double[] {0.5, 0.75, 0.87}, new int[] {3, 3, 12}, 0.002,
                    new Turn("3, conv*=4", CentroidStart.LINEAR, 6, 0.001)));

    private final String name;
    private final IdxDataset test;
    private final IdxDataset train;
    private final long seed;
    private final long start = System.nanoTime();
    private int trainings;

    private DeepCompression(String name, long seed) {
        Path data = Path.of("../../notebooks/data/mnist");
        this.name = name;
        this.seed = seed;
        this.test = IdxDataset.test(data);
        this.train = IdxDataset.train(data);
    }

    public static void main(String[] arguments) throws IOException {
        for (String seed : Arrays.copyOfRange(arguments, 2, arguments.length)) {
            new DeepCompression(arguments[0], Long.parseLong(seed)).run(Path.of(arguments[1]));
        }
    }

    private void run(Path folder) throws IOException {
        Plan plan = PLANS.get(name);
        Network dense = LeNets.of(name, seed);
        long denseBytes = 4 * dense.parameters();
        dense = new FineTuning(train, training(plan.denseEpochs(), 0.001, Schedule.COSINE), false).transform(dense);
        say("dense", dense);
        Network network = prune(dense, plan);
        for (Turn turn : plan.turns()) {
            network = new WeightSharingQuantization(LayerBits.parse(turn.bits()))
                    .withBiases(true)
                    .withStart(turn.start())
                    .transform(network);
            say("shared " + turn.bits(), network);
            network = taught(dense, network, training(turn.epochs(), turn.rate(), Schedule.COSINE));
        }
        Map<String, String> done = new LinkedHashMap<>();
        done.put("of", name);
        done.put("sparsities", Arrays.toString(plan.sparsities()));
        done.put("bits", Stream.of(plan.turns()).map(Turn::bits).collect(Collectors.joining(", ")));
        done.put("seed", Long.toString(seed));
        Network small = new NameShortening()
                .transform(new CommonSubexpressionFolding().transform(network))
                .withStep(new Step("DeepCompression", done));
        Path file = Onnx.write(small, folder.resolve(name + "-" + seed + ".onnx.xz"));
        Network read = Onnx.read(file);
        say("centroids trained", read);
        long bytes = Files.size(file);
        System.out.printf(Locale.ROOT, "RESULT %s\tseed %d\tdense %.2f %%\tfile %.2f %%\t%d bytes\t%.1fx\t%.0f s%n", name,
                seed, error(dense), error(read), bytes, denseBytes / (double) bytes, seconds());
    }

    private Network prune(Network dense, Plan plan) {
        Network network = dense;
        if (plan.channels() > 0) {
            network = new ChannelPruning(plan.channels(), Scope.LAYER, ChannelImportance.L2).transform(network);
        }
        int last = plan.sparsities().length - 1;
        for (int round = 0; round <= last; round++) {
            network = new LampPruning(plan.sparsities()[round]).transform(network);
            Training training = round == last
                    ? training(plan.epochs()[round], plan.rate(), Schedule.COSINE)
                    : training(plan.epochs()[round], plan.rate() / 2, Schedule.CONSTANT);
            network = taught(dense, network, training);
            say(String.format(Locale.ROOT, "pruned by %.1f %%", 100 * plan.sparsities()[round]), network);
        }
        return network;
    }

    private Network taught(Network dense, Network network, Training training) {
        return new SoftTargetDistillation(dense, train, TEMPERATURE, SOFT_SHARE, training, true).transform(network);
    }

    /** Images are shifted by up to a pixel; each training has its own seed, so that none sees the shifts of another. */
    private Training training(int epochs, double rate, Schedule schedule) {
        return new Training(epochs, 128, rate, Descent.ADAM, 0, schedule, 100 * seed + trainings++, 1);
    }

    private double error(Network network) {
        return Evaluation.of(network, test).error();
    }

    private double seconds() {
        return (System.nanoTime() - start) / 1e9;
    }

    private void say(String what, Network network) {
        System.out.printf(Locale.ROOT, "%s seed %d %5.0f s  %-18s error %.2f %%  %7d bytes%n", name, seed, seconds(), what,
                error(network), Onnx.compressedSize(network, bytes -> {}));
    }
}
