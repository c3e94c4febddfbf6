package pomona.prune;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.List;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.pass.Option;
import pomona.train.GradientMoments;

/**
 * The records on which gradients are measured.
 *
 * @param data labelled records of one array for each input of the network
 * @param records how many records to look at, at most; 1 or more
 * @param batchSize records whose gradient is measured together, 1 or more
 * @param seed the source of the choice of records
 */
public record GradientSample(
        @Option("labelled data to measure gradients on") RandomAccessDataset data,

        @Option(value = "how many records to look at, 1 or more", defaultsTo = "1024")
        int records,

        @Option(value = "records whose gradient is measured together, 1 or more", defaultsTo = "32")
        int batchSize,

        @Option(value = "source of the choice of records", defaultsTo = "0")
        long seed) {

    public GradientSample {
        if (data == null) {
            throw new IllegalArgumentException(
                    "Gradients are measured on labelled data; none was given (option data).");
        }
        if (records < 1) {
            throw new IllegalArgumentException("records must be 1 or more; it was " + records + ".");
        }
        if (batchSize < 1) {
            throw new IllegalArgumentException("batch-size must be 1 or more; it was " + batchSize + ".");
        }
    }

    /** 1024 records, in batches of 32. */
    public static GradientSample of(RandomAccessDataset data) {
        return new GradientSample(data, 1024, 32, 0);
    }

    public GradientSample withRecords(int count) {
        return new GradientSample(data, count, batchSize, seed);
    }

    public GradientSample withBatchSize(int size) {
        return new GradientSample(data, records, size, seed);
    }

    public GradientSample withSeed(long newSeed) {
        return new GradientSample(data, records, batchSize, newSeed);
    }

    /** Prunes by a score of each weight's value and its gradient's moments. */
    Network prune(Network network, SparsityCuts cuts, String method, Score score) {
        PrunableWeights chosen = cuts.chosen(network);
        List<String> names = chosen.layers().stream().map(LayerWeight::name).toList();
        GradientMoments moments = GradientMoments.of(chosen.network(), names, data, batchSize, records, seed);
        return cuts.prune(chosen, weight -> {
            float[] values = weight.tensor().toFloatArray();
            float[] means = moments.means().get(weight.name());
            float[] squares = moments.squares().get(weight.name());
            return new ScoredWeight(weight, method, i -> score.of(values[i], means[i], squares[i]));
        });
    }

    /** How much a weight matters. */
    @FunctionalInterface
    interface Score {
        double of(double weight, double meanGradient, double meanSquare);
    }
}
