package pomona.prune;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import pomona.graph.Stretch;
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
record MagnitudeCut(List<PrunableWeight> weights, int key, long ties) {

    private static final int LOW_BITS = 16;
    private static final int LOW_MASK = (1 << LOW_BITS) - 1;
    private static final int BUCKETS = 1 << LOW_BITS;

    /** Cuts the smallest magnitudes, so that a share of all is zero. */
    static MagnitudeCut smallest(List<PrunableWeight> weights, double share) {
        long total = weights.stream().mapToLong(PrunableWeight::size).sum();
        long wanted = Math.round(share * total);
        List<Stretch> stretches =
                weights.stream().flatMap(weight -> weight.stretches().stream()).toList();
        long[] upper = histogram(stretches, -1);
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
        long[] lower = histogram(stretches, high);
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

    /** Copies each tensor into its room, with zeros where this cut says so. */
    void copy(List<TensorStore.Room> rooms) {
        long left = ties;
        for (int w = 0; w < weights.size(); w++) {
            List<Stretch> stretches = weights.get(w).stretches();
            TensorStore.Room room = rooms.get(w);
            long[] allowed = new long[stretches.size()];
            if (left > 0) {
                long[] equal =
                        stretches.parallelStream().mapToLong(this::countEqual).toArray();
                for (int s = 0; s < equal.length; s++) {
                    allowed[s] = Math.min(left, equal[s]);
                    left -= allowed[s];
                }
            }
            IntStream.range(0, allowed.length)
                    .parallel()
                    .forEach(s -> PrunableWeight.copy(stretches.get(s), room, key, allowed[s]));
        }
    }

    private long countEqual(Stretch stretch) {
        long[] equal = new long[1];
        PrunableWeight.magnitudes(stretch, (magnitudes, start, count) -> {
            int found = 0;
            for (int i = 0; i < count; i++) {
                found += magnitudes[i] == key ? 1 : 0;
            }
            equal[0] += found;
        });
        return equal[0];
    }

    /** Counts upper halves, or, with an upper half given, the lower halves below it. */
    private static long[] histogram(List<Stretch> stretches, int upper) {
        int workers = Math.min(stretches.size(), 4 * Runtime.getRuntime().availableProcessors());
        return IntStream.range(0, workers)
                .parallel()
                .mapToObj(worker -> {
                    long[] counts = new long[BUCKETS];
                    for (int s = worker; s < stretches.size(); s += workers) {
                        PrunableWeight.magnitudes(
                                stretches.get(s),
                                (magnitudes, start, count) -> count(magnitudes, count, upper, counts));
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
