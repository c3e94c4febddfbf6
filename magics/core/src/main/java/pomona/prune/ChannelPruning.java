package pomona.prune;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.Map;
import java.util.function.DoubleFunction;
import pomona.graph.Network;
import pomona.pass.LayerPattern;
import pomona.pass.Option;
import pomona.train.BatchNormReestimation;

/**
 * Removes whole channels, filters, neurons and hidden units, with everything that belongs to them: the result is a
 * smaller network, not one with zeros.
 *
 * <p>Channels that hang together, through sums, concatenations, groups or shared weights, go together. The share is of
 * what the network has now. A share p of all channels removes about 1 - (1 - p)^2 of the parameters and
 * multiply-accumulates; the share may be of those instead, and then the fewest channels go that reach it. The step of
 * provenance says how many of both are left. Channels that make an output stay, and so do those that an operator couples
 * in an unknown way, which the step says too. Inputs and outputs keep their shapes.
 *
 * <p>With data, the statistics of batch normalizations are measured anew for what is left, as {@link
 * BatchNormReestimation} does.
 *
 * <p>Source: Li et al., Pruning Filters for Efficient ConvNets, 2017 (arXiv 1608.08710); groups as in Fang et al.,
 * DepGraph: Towards Any Structural Pruning, 2023 (arXiv 2301.12900).
 *
 * @param ratio the share to remove, from 0 up to but not including 1
 * @param target what that is a share of: of the channels, or at least so much of all parameters or multiply-accumulates
 * @param scope whether each group of coupled layers loses that share, or all together
 * @param importance what makes a channel matter
 * @param roundTo the channels that a layer keeps are a multiple of this, if it loses any; 1 or more
 * @param minimumKept how many channels each layer keeps at least, 1 or more
 * @param layers which layers, by weight or operator name: {@code *} and {@code ?} are wildcards, commas separate
 * @param data the data that some kinds of importance are measured on, or null
 * @param records how many records to measure on at most, 1 or more
 * @param reestimate whether the statistics of batch normalizations are measured anew when data is given
 * @param seed the source of random importance
 */
public record ChannelPruning(
        @Option(value = "share to remove, from 0 up to but not including 1", defaultsTo = "0.5")
        double ratio,

        @Option(value = "what that is a share of: channels, parameters or macs", defaultsTo = "channels")
        PruningTarget target,

        @Option(value = "layer: of each group of coupled layers; global: of all together", defaultsTo = "layer")
        Scope scope,

        @Option(value = "l1, l2, batch-norm-scale, geometric-median, taylor, activation or random", defaultsTo = "l2")
        ChannelImportance importance,

        @Option(value = "what the number of channels kept is a multiple of, 1 or more", defaultsTo = "1")
        int roundTo,

        @Option(value = "channels that each layer keeps at least, 1 or more", defaultsTo = "1")
        int minimumKept,

        @Option(value = "weight or operator names, with * and ?, separated by commas", defaultsTo = "*")
        String layers,

        @Option(value = "data for taylor (labelled) and activation", defaultsTo = "none")
        RandomAccessDataset data,

        @Option(value = "records to measure on at most, 1 or more", defaultsTo = "512")
        int records,

        @Option(
                value = "whether statistics of batch normalizations are measured anew when data is given",
                defaultsTo = "true")
        boolean reestimate,

        @Option(value = "source of random importance", defaultsTo = "0")
        long seed)
        implements StructuredPass {

    public ChannelPruning {
        StructureChecks.ratio(ratio);
        Checks.notNull(target, "target", "channels, parameters or macs");
        StructureChecks.scope(scope);
        Checks.notNull(
                importance, "importance", "l1, l2, batch-norm-scale, geometric-median, taylor, activation or random");
        StructureChecks.atLeastOne("round-to", roundTo);
        StructureChecks.atLeastOne("minimum-kept", minimumKept);
        StructureChecks.atLeastOne("records", records);
        StructureChecks.data(importance, data);
        new LayerPattern(layers);
    }

    /** Removes the same share of each layer, by the L2 norm. */
    public ChannelPruning(double ratio) {
        this(ratio, Scope.LAYER, ChannelImportance.L2);
    }

    /** Removes channels of all layers by an importance that needs no data. */
    public ChannelPruning(double ratio, Scope scope, ChannelImportance importance) {
        this(ratio, PruningTarget.CHANNELS, scope, importance, 1, 1, "*", null, 512, true, 0);
    }

    /** Removes channels of all layers by an importance that is measured on data; labelled data for Taylor. */
    public ChannelPruning(double ratio, Scope scope, ChannelImportance importance, RandomAccessDataset data) {
        this(ratio, PruningTarget.CHANNELS, scope, importance, 1, 1, "*", data, 512, true, 0);
    }

    public ChannelPruning withTarget(PruningTarget share) {
        return new ChannelPruning(
                ratio, share, scope, importance, roundTo, minimumKept, layers, data, records, reestimate, seed);
    }

    public ChannelPruning withRoundTo(int multiple) {
        return new ChannelPruning(
                ratio, target, scope, importance, multiple, minimumKept, layers, data, records, reestimate, seed);
    }

    public ChannelPruning withMinimumKept(int count) {
        return new ChannelPruning(
                ratio, target, scope, importance, roundTo, count, layers, data, records, reestimate, seed);
    }

    public ChannelPruning withLayers(String pattern) {
        return new ChannelPruning(
                ratio, target, scope, importance, roundTo, minimumKept, pattern, data, records, reestimate, seed);
    }

    public ChannelPruning withReestimate(boolean wanted) {
        return new ChannelPruning(
                ratio, target, scope, importance, roundTo, minimumKept, layers, data, records, wanted, seed);
    }

    public ChannelPruning withSeed(long newSeed) {
        return new ChannelPruning(
                ratio, target, scope, importance, roundTo, minimumKept, layers, data, records, reestimate, newSeed);
    }

    @Override
    public Outcome prune(Network network) {
        Structures structures = Structures.of(network, layers, false);
        Map<Integer, Double> scores = new ImportanceMeasure(importance, data, records, seed).of(structures);
        DoubleFunction<Outcome> without = share ->
                structures.remove(new ChannelChoice(structures.coupling(), share, scope, roundTo, minimumKept), scores);
        Outcome outcome = target == PruningTarget.CHANNELS
                ? without.apply(ratio)
                : new TargetSearch(target, ratio).of(network, without);
        return data == null || !reestimate
                ? outcome
                : new Outcome(new BatchNormReestimation(data).transform(outcome.network()), outcome.leftAlone());
    }
}
