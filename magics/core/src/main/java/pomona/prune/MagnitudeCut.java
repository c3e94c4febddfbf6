package pomona.prune;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import pomona.graph.TensorStore;

/**
 * The border between weights that go and weights that stay: every magnitude below {@code key} goes, and of those equal
 * to it the first {@code ties} in the order of the weights.
 *
 * <p>A share is cut by radix selection: one histogram over the upper half of the magnitudes' bits finds the border's
 * neighbourhood, a second over the lower half finds the border. Two passes at memory speed, in parallel, for any size.
 *
 * @param weights the tensors that share the border
 * @param key the bits of the border's magnitude
 * @param ties how many of the magnitudes equal to the border go
 */
record MagnitudeCut(List<PrunableWeight> weights, int key, long ties) implements Cut {

    private static final int LOW_BITS = 16;
    private static final int LOW_MASK = (1 << LOW_BITS) - 1;
    private static final int BUCKETS = 1 << LOW_BITS;

    /** Cuts the smallest magnitudes, so that a share of all is zero. */
    static MagnitudeCut smallest(List<PrunableWeight> weights, double share) {
        long total = weights.stream().mapToLong(PrunableWeight::size).sum();
        return smallestOf(weights, Math.round(share * total));
    }

    /** Cuts so many of the smallest magnitudes, at most all. */
    static MagnitudeCut smallestOf(List<PrunableWeight> weights, long wanted) {
        List<PrunableWeight.Part> parts =
                weights.stream().flatMap(weight -> weight.parts().stream()).toList();
        long[] upper = histogram(parts, -1);
        if (Arrays.stream(upper, PrunableWeight.INFINITY >>> LOW_BITS, BUCKETS).sum() > 0) {
            weights.forEach(PrunableWeight::refuseInfinite);
        }
        if (wanted == 0) {
            return new MagnitudeCut(weights, 0, 0);
        }
        int high = 0;
        long rest = wanted;
        while (rest > upper[high]) {
            rest -= upper[high++];
        }
        long[] lower = histogram(parts, high);
        int low = 0;
        while (rest > lower[low]) {
            rest -= lower[low++];
        }
        int key = high << LOW_BITS | low;
        // When all that equal the border go, none of them has to be counted.
        return rest == lower[low] ? new MagnitudeCut(weights, key + 1, 0) : new MagnitudeCut(weights, key, rest);
    }

    /** Cuts every magnitude below a threshold. */
    static MagnitudeCut below(PrunableWeight weight, double threshold) {
        weight.refuseInfinite();
        // The smallest float that is not below the threshold: magnitudes under it are exactly those to go.
        float border = (float) threshold;
        if (border < threshold) {
            border = Math.nextUp(border);
        }
        return new MagnitudeCut(List.of(weight), Float.floatToIntBits(border), 0);
    }

    @Override
    public void copy(List<TensorStore.Room> rooms) {
        long left = ties;
        for (int w = 0; w < weights.size(); w++) {
            PrunableWeight weight = weights.get(w);
            long[] allowed = new long[weight.parts().size()];
            if (left > 0) {
                long[] equal = count(weight, key);
                for (int p = 0; p < equal.length; p++) {
                    allowed[p] = Math.min(left, equal[p]);
                    left -= allowed[p];
                }
            }
            weight.copy(rooms.get(w), key, allowed);
        }
    }

    /** How many elements of each weight go. */
    long[] counts() {
        long left = ties;
        long[] counts = new long[weights.size()];
        for (int w = 0; w < counts.length; w++) {
            long equal =
                    left == 0 ? 0 : LongStream.of(count(weights.get(w), key)).sum();
            long below = weights.get(w).parts().parallelStream()
                    .mapToLong(part -> count(part, k -> k < key))
                    .sum();
            counts[w] = below + Math.min(left, equal);
            left -= Math.min(left, equal);
        }
        return counts;
    }

    /** How many elements of each part of a weight have a key. */
    private static long[] count(PrunableWeight weight, int key) {
        return weight.parts().parallelStream()
                .mapToLong(part -> count(part, k -> k == key))
                .toArray();
    }

    private static long count(PrunableWeight.Part part, IntPredicate wanted) {
        long[] found = new long[1];
        part.keys((keys, start, count) -> {
            int inBlock = 0;
            for (int i = 0; i < count; i++) {
                inBlock += wanted.test(keys[i]) ? 1 : 0;
            }
            found[0] += inBlock;
        });
        return found[0];
    }

    /** Counts upper halves, or, with an upper half given, the lower halves below it. */
    private static long[] histogram(List<PrunableWeight.Part> parts, int upper) {
        int workers = Math.min(parts.size(), 4 * Runtime.getRuntime().availableProcessors());
        return IntStream.range(0, workers)
                .parallel()
                .mapToObj(worker -> {
                    long[] counts = new long[BUCKETS];
                    for (int p = worker; p < parts.size(); p += workers) {
                        parts.get(p).keys((keys, start, count) -> count(keys, count, upper, counts));
                    }
                    return counts;
                })
                .reduce(MagnitudeCut::sum)
                .orElseGet(() -> new long[BUCKETS]);
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

    private static long[] sum(long[] left, long[] right) {
        long[] sum = new long[left.length];
        for (int i = 0; i < sum.length; i++) {
            sum[i] = left[i] + right[i];
        }
        return sum;
    }
}
