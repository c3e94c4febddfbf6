package pomona.prune;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CancellationException;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.pass.Option;
import pomona.pass.Pass;
import pomona.pass.Progress;

/**
 * Prunes in rounds, and lets the network recover after each of them, so that the weights that are left can take over.
 *
 * <p>Recovery is any pass that trains and holds zeros: {@link pomona.train.FineTuning}, or a distillation from the dense
 * network. With {@code rewind} the weights that are kept are set back to that network's before each recovery, as the
 * lottery ticket hypothesis has it; the network after the last round then has been trained from there.
 *
 * <p>Sources: Han et al., Learning both Weights and Connections for Efficient Neural Networks, 2015 (arXiv 1506.02626),
 * section 3; Zhu and Gupta, To Prune, or Not to Prune, 2017 (arXiv 1710.01878); Frankle and Carbin, The Lottery Ticket
 * Hypothesis, 2019 (arXiv 1803.03635), section 1, and for rewinding to an early state of training Frankle et al., Linear
 * Mode Connectivity and the Lottery Ticket Hypothesis, 2020 (arXiv 1912.05671).
 *
 * @param sparsity the share of weights to be zero in the end, from 0 up to but not including 1
 * @param rounds how often to prune, 1 or more
 * @param schedule how the share rises
 * @param recovery the training after each round
 * @param rewind the network whose weights the kept ones go back to, of the same weights; or null to go on from where
 *     they are
 * @param criterion which weights go, whatever its own sparsity is; or null for the smallest of all layers together
 */
public record IterativePruning(
        @Option(value = "share of weights to be zero in the end, from 0 up to but not including 1", defaultsTo = "0.5")
        double sparsity,

        @Option(value = "how often to prune, 1 or more", defaultsTo = "4")
        int rounds,

        @Option(value = "how the share rises: linear, or cubic (fast at first)", defaultsTo = "cubic")
        PruningSchedule schedule,

        @Option("variable of the training after each round, such as a FineTuning")
        Pass recovery,

        @Option(value = "variable of the network that kept weights go back to (lottery ticket)", defaultsTo = "none")
        Network rewind,

        @Option(
                value = "variable of the pruning that says which weights go; magnitude if not given",
                defaultsTo = "none")
        Sparsification criterion)
        implements Sparsification {

    public IterativePruning {
        SparsityCuts.check(sparsity, Scope.GLOBAL, Selection.ALL);
        if (rounds < 1) {
            throw new IllegalArgumentException("rounds must be 1 or more; it was " + rounds + ".");
        }
        Checks.notNull(schedule, "schedule", "linear or cubic");
        Checks.notNull(recovery, "recovery", "a pass that trains, such as a FineTuning");
    }

    /** Prunes the smallest weights of all layers together, in rounds along a cubic schedule. */
    public IterativePruning(double sparsity, int rounds, Pass recovery) {
        this(sparsity, rounds, PruningSchedule.CUBIC, recovery, null, null);
    }

    @Override
    public IterativePruning withSparsity(double target) {
        return new IterativePruning(target, rounds, schedule, recovery, rewind, criterion);
    }

    @Override
    public Network transform(Network network) {
        checkRewind(network);
        Sparsification pruning = criterion == null ? new MagnitudePruning(sparsity) : criterion;
        Network result = network;
        try (Progress progress = Progress.start("prune " + network.name() + " in rounds", rounds)) {
            for (int round = 1; round <= rounds; round++) {
                if (Thread.interrupted()) {
                    throw new CancellationException("Pruning of network " + network.name()
                            + " was interrupted in round " + round + "; the network is as it was.");
                }
                double share = round == rounds ? sparsity : sparsity * schedule.share((double) round / rounds);
                Network pruned = pruning.withSparsity(share).transform(result);
                result = recovery.transform(rewind == null ? pruned : rewound(pruned));
                checkZeros(pruned, result);
                progress.advance(1, String.format(java.util.Locale.ROOT, "%.1f %% zero", 100 * share));
            }
        }
        return result;
    }

    /** The kept weights' values of the network to go back to; everything that is not pruned goes back as well. */
    private Network rewound(Network pruned) {
        Map<String, Tensor> early = new LinkedHashMap<>(pruned.weights());
        early.replaceAll((name, tensor) -> rewind.weights().getOrDefault(name, tensor));
        for (LayerWeight layer : LayerWeight.of(pruned)) {
            float[] now = layer.tensor().toFloatArray();
            float[] values = early.get(layer.name()).toFloatArray();
            for (int i = 0; i < values.length; i++) {
                values[i] = now[i] == 0 ? 0 : values[i];
            }
            early.put(layer.name(), Tensor.ofFloats(values, layer.tensor().shape()));
        }
        return pruned.withWeights(early);
    }

    private void checkRewind(Network network) {
        if (rewind == null) {
            return;
        }
        network.weights().forEach((name, tensor) -> {
            Tensor early = rewind.weights().get(name);
            if (early == null || !java.util.Arrays.equals(early.shape(), tensor.shape())) {
                throw new IllegalArgumentException("Network " + rewind.name() + " has no weight " + name
                        + " of the shape that it has in " + network.name()
                        + "; rewind takes the same network from before or early in training.");
            }
        });
    }

    private static void checkZeros(Network pruned, Network recovered) {
        for (LayerWeight layer : LayerWeight.of(pruned)) {
            Tensor after = recovered.weights().get(layer.name());
            if (after == null || after.countNonZeros() > layer.tensor().countNonZeros()) {
                throw new IllegalArgumentException("Recovery brought pruned weights of layer " + layer.layer()
                        + " back; take one that holds zeros.");
            }
        }
    }
}
