package pomona.djl;

import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Sampler;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.SplittableRandom;

/**
 * Gives the records of a data set in a random order that is another one each epoch, and the same ones for the same
 * seed, whatever else draws random numbers in the process.
 */
public final class SeededSampler implements Sampler {

    private final long seed;
    private final int batchSize;
    private long epoch;

    /**
     * @param seed any number
     * @param batchSize the records of a batch, 1 or more
     */
    public SeededSampler(long seed, int batchSize) {
        this.seed = seed;
        this.batchSize = batchSize;
    }

    @Override
    public synchronized Iterator<List<Long>> sample(RandomAccessDataset dataset) {
        int[] order =
                shuffle(Math.toIntExact(dataset.size()), new SplittableRandom(seed + 0x9E3779B97F4A7C15L * epoch));
        epoch++;
        return new Batches(order, batchSize);
    }

    @Override
    public int getBatchSize() {
        return batchSize;
    }

    private static int[] shuffle(int size, SplittableRandom random) {
        int[] order = new int[size];
        for (int i = 0; i < size; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }

    private static final class Batches implements Iterator<List<Long>> {

        private final int[] order;
        private final int batchSize;
        private int next;

        Batches(int[] order, int batchSize) {
            this.order = order;
            this.batchSize = batchSize;
        }

        @Override
        public boolean hasNext() {
            return next < order.length;
        }

        @Override
        public List<Long> next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            int end = Math.min(order.length, next + batchSize);
            List<Long> batch = new ArrayList<>(end - next);
            while (next < end) {
                batch.add((long) order[next++]);
            }
            return batch;
        }
    }
}
