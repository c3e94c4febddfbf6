import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
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
import pomona.quantize.LayerBits;
import pomona.quantize.WeightSharingQuantization;
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
     * @param bits bits of the shared weights
     * @param sharedEpochs training of the centroids
     */
    private record Plan(int denseEpochs, double channels, double[] sparsities, int[] epochs, String bits,
            int sharedEpochs) {}

    private static final Map<String, Plan> PLANS = Map.of(
            "lenet-300-100",
            new Plan(20, 0, new double[] {0.8, 0.9, 0.94, 0.96, 0.97}, new int[] {3, 3, 4, 5, 16}, "3", 8),
            "lenet-5",
            new Plan(6, 0.5, new double[] {0.5, 0.75, 0.87}, new int[] {3, 3, 12}, "3, conv*=4", 6));

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
        network = new WeightSharingQuantization(LayerBits.parse(plan.bits())).withBiases(true).transform(network);
        say("shared", network);
        network = taught(dense, network, training(plan.sharedEpochs(), 0.001, Schedule.COSINE));
        Map<String, String> done = new LinkedHashMap<>();
        done.put("of", name);
        done.put("sparsities", Arrays.toString(plan.sparsities()));
        done.put("bits", plan.bits());
        done.put("seed", Long.toString(seed));
        Network small = new NameShortening().transform(network).withStep(new Step("DeepCompression", done));
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
                    ? training(plan.epochs()[round], 0.002, Schedule.COSINE)
                    : training(plan.epochs()[round], 0.001, Schedule.CONSTANT);
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
