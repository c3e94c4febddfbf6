package pomona.prune;

import java.util.Arrays;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.pass.Option;

/**
 * Sets weights to zero whose square is small beside the squares of the weights that stay in their layer, so that one
 * target for all layers together gives each layer a fitting share and empties none.
 *
 * <p>The score of a weight is its square over the sum of the squares of all weights of its layer that are not smaller.
 *
 * <p>Source: Lee et al., Layer-adaptive Sparsity for the Magnitude-based Pruning, 2021 (arXiv 2010.07611), equation 3.
 *
 * @param sparsity the share of weights to be zero over all chosen layers, from 0 up to but not including 1
 * @param selection which weights may go, and in what pieces
 */
public record LampPruning(
        @Option(value = "share of weights to be zero, from 0 up to but not including 1", defaultsTo = "0.5")
        double sparsity,

        @Option("which weights, in what pieces") Selection selection)
        implements Sparsification {

    public LampPruning {
        SparsityCuts.check(sparsity, Scope.GLOBAL, selection);
    }

    /** Prunes all layers. */
    public LampPruning(double sparsity) {
        this(sparsity, Selection.ALL);
    }

    @Override
    public LampPruning withSparsity(double target) {
        return new LampPruning(target, selection);
    }

    @Override
    public Network transform(Network network) {
        return new SparsityCuts(sparsity, Scope.GLOBAL, selection).prune(network, LampPruning::scored);
    }

    private static PrunableWeight scored(LayerWeight weight) {
        float[] values = weight.tensor().toFloatArray();
        float[] sorted = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            sorted[i] = Math.abs(values[i]);
        }
        Arrays.parallelSort(sorted);
        // What is left in the layer when everything smaller is gone.
        double[] left = new double[sorted.length + 1];
        for (int i = sorted.length - 1; i >= 0; i--) {
            left[i] = left[i + 1] + (double) sorted[i] * sorted[i];
        }
        return new ScoredWeight(weight, "LAMP", element -> {
            float magnitude = Math.abs(values[element]);
            int rank = Arrays.binarySearch(sorted, magnitude);
            // Of equal magnitudes any rank will do for the order inside the layer; the first is the same every time.
            while (rank > 0 && sorted[rank - 1] == magnitude) {
                rank--;
            }
            return magnitude == 0 || rank < 0 ? 0 : (double) magnitude * magnitude / left[rank];
        });
    }
}
