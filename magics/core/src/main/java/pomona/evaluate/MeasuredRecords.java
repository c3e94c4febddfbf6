package pomona.evaluate;

import ai.djl.training.dataset.RandomAccessDataset;
import pomona.graph.Network;

/**
 * The records of a data set that something is measured on.
 *
 * @param data records of one array for each input of the network; labels are not looked at
 * @param count how many of the first records to read at most, 1 or more
 * @param mask the input that is 0 where records are padded, which is then left out; none when empty
 */
public record MeasuredRecords(RandomAccessDataset data, int count, String mask) {

    private static final int BATCH = 64;

    public MeasuredRecords {
        mask = mask == null ? "" : mask.strip();
    }

    /** Records without padding. */
    public MeasuredRecords(RandomAccessDataset data, int count) {
        this(data, count, "");
    }

    /** The first of these records. */
    public MeasuredRecords head(int most) {
        return new MeasuredRecords(data, Math.min(count, most), mask);
    }

    /**
     * Refuses records that hold values which are no finite numbers.
     *
     * @param network the network whose inputs they are
     * @throws IllegalArgumentException if there is one; the message names the first record and the input
     */
    public void refuseInfinite(Network network) {
        long[] before = new long[1];
        FedBatch.forEach(network, data, Activations.mayVary(network) ? 1 : BATCH, count, batch -> {
            batch.feeds().forEach((input, tensor) -> {
                float[] values = tensor.type().isFloating() ? tensor.toFloatArray() : new float[0];
                for (int i = 0; i < values.length; i++) {
                    if (!Float.isFinite(values[i])) {
                        long record = before[0] + i / (values.length / batch.size()) + 1;
                        throw new IllegalArgumentException("Input " + input + " of network " + network.name()
                                + " is NaN or infinite on record " + record
                                + " of the data; records to measure on are finite.");
                    }
                }
            });
            before[0] += batch.size();
        });
    }
}
