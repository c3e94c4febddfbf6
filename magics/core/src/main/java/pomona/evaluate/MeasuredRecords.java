package pomona.evaluate;

import ai.djl.training.dataset.RandomAccessDataset;

/**
 * The records of a data set that something is measured on.
 *
 * @param data records of one array for each input of the network; labels are not looked at
 * @param count how many of the first records to read at most, 1 or more
 * @param mask the input that is 0 where records are padded, which is then left out; none when empty
 */
public record MeasuredRecords(RandomAccessDataset data, int count, String mask) {

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
}
