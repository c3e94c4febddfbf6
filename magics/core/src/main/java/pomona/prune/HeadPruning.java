package pomona.prune;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.Map;
import pomona.graph.Network;
import pomona.pass.LayerPattern;
import pomona.pass.Option;

/**
 * Removes whole attention heads: their part of the query, key, value and output projections, and of the reshapes between
 * them.
 *
 * <p>Heads are found where products of two activations run side by side, whether projections are separate or fused. The
 * step of provenance says how many parameters and multiply-accumulates are left.
 *
 * <p>Source: Michel et al., Are Sixteen Heads Really Better than One?, 2019 (arXiv 1905.10650).
 *
 * @param ratio the share of heads to remove, from 0 up to but not including 1; each attention keeps one at least
 * @param scope whether each attention loses that share, or all together
 * @param importance what makes a head matter, over all its weights
 * @param layers which attentions, by the names of their projections: {@code *} and {@code ?} are wildcards
 * @param data the data that some kinds of importance are measured on, or null
 * @param records how many records to measure on at most, 1 or more
 * @param seed the source of random importance
 */
public record HeadPruning(
        @Option(value = "share of heads to remove, from 0 up to but not including 1", defaultsTo = "0.25")
        double ratio,

        @Option(value = "layer: of each attention; global: of all together", defaultsTo = "layer")
        Scope scope,

        @Option(value = "l1, l2, geometric-median, taylor, activation or random", defaultsTo = "l2")
        ChannelImportance importance,

        @Option(value = "names of projections, with * and ?, separated by commas", defaultsTo = "*")
        String layers,

        @Option(value = "data for taylor (labelled) and activation", defaultsTo = "none")
        RandomAccessDataset data,

        @Option(value = "records to measure on at most, 1 or more", defaultsTo = "512")
        int records,

        @Option(value = "source of random importance", defaultsTo = "0")
        long seed)
        implements StructuredPass {

    public HeadPruning {
        StructureChecks.ratio(ratio);
        StructureChecks.scope(scope);
        Checks.notNull(importance, "importance", "l1, l2, geometric-median, taylor, activation or random");
        StructureChecks.atLeastOne("records", records);
        StructureChecks.data(importance, data);
        new LayerPattern(layers);
    }

    /** Removes the same share of each attention, by the L2 norm. */
    public HeadPruning(double ratio) {
        this(ratio, Scope.LAYER, ChannelImportance.L2, "*", null, 512, 0);
    }

    @Override
    public Outcome prune(Network network) {
        Structures structures = Structures.of(network, layers, true);
        Map<Integer, Double> scores = new ImportanceMeasure(importance, data, records, seed).of(structures);
        return structures.remove(new ChannelChoice(structures.coupling(), ratio, scope, 1, 1), scores);
    }
}
