package pomona.train;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.LinkedHashMap;
import java.util.Map;
import pomona.graph.Constants;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.pass.Option;
import pomona.pass.Pass;

/**
 * Measures the means and variances of all batch normalizations anew, on data, without training: after pruning, the old
 * ones belong to values that are no longer there.
 *
 * <p>The data goes through once, each batch normalized by its own statistics as in training, and the statistics of the
 * batches are put together to those of all records. A network without batch normalization stays as it is.
 *
 * <p>Source: Wu and Johnson, Rethinking "Batch" in BatchNorm, 2021 (arXiv 2105.07576), section 3.
 *
 * @param data records of one array for each input of the network; labels are not looked at
 * @param records how many records to measure on at most, 1 or more
 * @param batchSize records in a batch, 2 or more; as many as in training are best
 * @param seed the source of the choice of records
 */
public record BatchNormReestimation(
        @Option("data to measure on") RandomAccessDataset data,

        @Option(value = "records to measure on at most, 1 or more", defaultsTo = "1024")
        int records,

        @Option(value = "records in a batch, 2 or more", defaultsTo = "64")
        int batchSize,

        @Option(value = "source of the choice of records", defaultsTo = "0")
        long seed)
        implements Pass {

    public BatchNormReestimation {
        if (data == null) {
            throw new IllegalArgumentException(
                    "Batch normalizations are measured on data; none was given (option data).");
        }
        if (records < 1) {
            throw new IllegalArgumentException("records must be 1 or more; it was " + records + ".");
        }
        if (batchSize < 2) {
            throw new IllegalArgumentException("batch-size must be 2 or more; it was " + batchSize + ".");
        }
    }

    /** Measures on 1024 records in batches of 64. */
    public BatchNormReestimation(RandomAccessDataset data) {
        this(data, 1024, 64, 0);
    }

    @Override
    public Network transform(Network given) {
        Network network = Constants.lift(given);
        BatchStatistics statistics = BatchStatistics.of(network);
        if (statistics.isEmpty()) {
            return given;
        }
        Map<String, Tensor> measured = new LinkedHashMap<>();
        statistics
                .measure(data, batchSize, records, seed)
                .forEach((name, values) -> measured.put(name, Tensor.ofFloats(values, values.length)));
        return network.withWeights(measured);
    }
}
