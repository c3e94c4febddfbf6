package pomona.prune;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import pomona.graph.Tensor;

/**
 * Finds the k-th smallest magnitude of many weights, exactly, without sorting or copying them.
 *
 * <p>Radix selection: one histogram over the upper half of the magnitudes' bits finds the neighbourhood, a second over the
 * lower half of those in it finds the magnitude. Two passes at memory speed, in parallel, for any number of weights; the
 * bits of non-negative floats have the order of their values.
 */
public final class MagnitudeSelection {

    private static final int LOW_BITS = 16;
    private static final int LOW_MASK = (1 << LOW_BITS) - 1;
    private static final int BUCKETS = 1 << LOW_BITS;

    private final List<PrunableWeight.Part> parts;
    private final long[] upper;

    private MagnitudeSelection(List<PrunableWeight.Part> parts) {
        this.parts = parts;
        this.upper = histogram(parts, -1);
    }

    /**
     * A magnitude found.
     *
     * @param key its bits
     * @param place which of the magnitudes equal to it was asked for, counted from 1
     * @param equal how many equal it
     */
    record Border(int key, long place, long equal) {}

    /**
     * The k-th smallest magnitude of all elements together.
     *
     * @param tensors weights of floating-point types; doubles are rounded to the nearest float
     * @param k from 1 to the number of elements
     * @throws IllegalArgumentException if k is out of range
     */
    public static float smallest(List<Tensor> tensors, long k) {
        long size = tensors.stream().mapToLong(Tensor::size).sum();
        if (k < 1 || k > size) {
            throw new IllegalArgumentException("k " + k + " is out of range; it is from 1 to " + size + ".");
        }
        List<PrunableWeight.Part> parts = tensors.stream()
                .flatMap(tensor -> tensor.stretches().stream())
                .map(PrunableWeight::part)
                .toList();
        return Float.intBitsToFloat(of(parts).border(k).key());
    }

    /** Looks at all weights a first time. */
    static MagnitudeSelection of(List<PrunableWeight.Part> parts) {
        return new MagnitudeSelection(parts);
    }

    /** Whether some element is no finite number. */
    boolean hasInfinite() {
        return Arrays.stream(upper, PrunableWeight.INFINITY >>> LOW_BITS, BUCKETS)
                        .sum()
                > 0;
    }

    /** The k-th smallest magnitude; k is from 1 to the number of elements. */
    Border border(long k) {
        int high = 0;
        long rest = k;
        while (rest > upper[high]) {
            rest -= upper[high++];
        }
        long[] lower = histogram(parts, high);
        int low = 0;
        while (rest > lower[low]) {
            rest -= lower[low++];
        }
        return new Border(high << LOW_BITS | low, rest, lower[low]);
    }

    /** Counts upper halves, or, with an upper half given, the lower halves below it. */
    private static long[] histogram(List<PrunableWeight.Part> parts, int upper) {
        // A table for each processor, not for each part: parts are taken by whoever is free.
        AtomicInteger next = new AtomicInteger();
        int workers = Math.min(parts.size(), Runtime.getRuntime().availableProcessors());
        long[][] tables = IntStream.range(0, workers)
                .parallel()
                .mapToObj(worker -> {
                    long[] counts = new long[BUCKETS];
                    for (int p = next.getAndIncrement(); p < parts.size(); p = next.getAndIncrement()) {
                        parts.get(p).keys((keys, start, count) -> count(keys, count, upper, counts));
                    }
                    return counts;
                })
                .toArray(long[][]::new);
        long[] sum = workers == 0 ? new long[BUCKETS] : tables[0];
        for (int t = 1; t < workers; t++) {
            for (int i = 0; i < BUCKETS; i++) {
                sum[i] += tables[t][i];
            }
        }
        return sum;
    }

    private static void count(int[] magnitudes, int count, int upper, long[] counts) {
        if (upper < 0) {
            for (int i = 0; i < count; i++) {
                counts[magnitudes[i] >>> LOW_BITS]++;
            }
            return;
        }
        for (int i = 0; i < count; i++) {
            if (magnitudes[i] >>> LOW_BITS == upper) {
                counts[magnitudes[i] & LOW_MASK]++;
            }
        }
    }
}
