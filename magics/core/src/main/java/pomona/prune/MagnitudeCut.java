package pomona.prune;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

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

    /** One stretch of one tensor. */
    private record Chunk(PrunableWeight weight, int start, int end) {}

    /** Cuts the smallest magnitudes, so that a share of all is zero. */
    static MagnitudeCut smallest(List<PrunableWeight> weights, double share) {
        long total = weights.stream().mapToLong(PrunableWeight::size).sum();
        long wanted = Math.round(share * total);
        if (wanted == 0) {
            return new MagnitudeCut(weights, 0, 0);
        }
        List<Chunk> chunks = chunks(weights);
        long[] upper = histogram(chunks, -1);
        int high = 0;
        long rest = wanted;
        while (rest > upper[high]) {
            rest -= upper[high++];
        }
        long[] lower = histogram(chunks, high);
        int low = 0;
        while (rest > lower[low]) {
            rest -= lower[low++];
        }
        return new MagnitudeCut(weights, high << LOW_BITS | low, rest);
    }

    /** Cuts every magnitude below a threshold. */
    static MagnitudeCut below(PrunableWeight weight, double threshold) {
        // The smallest float that is not below the threshold: magnitudes under it are exactly those to go.
        float border = (float) threshold;
        if (border < threshold) {
            border = Math.nextUp(border);
        }
        return new MagnitudeCut(List.of(weight), Float.floatToIntBits(border), 0);
    }

    /** Writes zeros, each tensor into its copy. */
    void clear(List<ByteBuffer> copies) {
        long left = ties;
        for (int w = 0; w < weights.size(); w++) {
            PrunableWeight weight = weights.get(w);
            ByteBuffer copy = copies.get(w);
            long[] equal = ties == 0 ? new long[weight.chunks()] : countEqual(weight);
            long[] allowed = new long[equal.length];
            for (int c = 0; c < equal.length; c++) {
                allowed[c] = Math.min(left, equal[c]);
                left -= allowed[c];
            }
            IntStream.range(0, allowed.length).parallel().forEach(c -> clear(weight, copy, c, allowed[c]));
        }
    }

    private void clear(PrunableWeight weight, ByteBuffer copy, int chunk, long allowedTies) {
        long left = allowedTies;
        for (int i = weight.chunkStart(chunk), end = weight.chunkEnd(chunk); i < end; i++) {
            int magnitude = weight.key(i);
            if (magnitude < key) {
                weight.clear(copy, i);
            } else if (magnitude == key && left > 0) {
                weight.clear(copy, i);
                left--;
            }
        }
    }

    private long[] countEqual(PrunableWeight weight) {
        return IntStream.range(0, weight.chunks())
                .parallel()
                .mapToLong(chunk -> {
                    long equal = 0;
                    for (int i = weight.chunkStart(chunk), end = weight.chunkEnd(chunk); i < end; i++) {
                        equal += weight.key(i) == key ? 1 : 0;
                    }
                    return equal;
                })
                .toArray();
    }

    private static List<Chunk> chunks(List<PrunableWeight> weights) {
        List<Chunk> chunks = new ArrayList<>();
        for (PrunableWeight weight : weights) {
            for (int c = 0; c < weight.chunks(); c++) {
                chunks.add(new Chunk(weight, weight.chunkStart(c), weight.chunkEnd(c)));
            }
        }
        return chunks;
    }

    /** Counts upper halves, or, with an upper half given, the lower halves below it. */
    private static long[] histogram(List<Chunk> chunks, int upper) {
        int workers = Math.min(chunks.size(), 4 * Runtime.getRuntime().availableProcessors());
        return IntStream.range(0, workers)
                .parallel()
                .mapToObj(worker -> {
                    long[] counts = new long[1 << LOW_BITS];
                    for (int c = worker; c < chunks.size(); c += workers) {
                        count(chunks.get(c), upper, counts);
                    }
                    return counts;
                })
                .reduce(MagnitudeCut::sum)
                .orElseGet(() -> new long[1 << LOW_BITS]);
    }

    private static void count(Chunk chunk, int upper, long[] counts) {
        for (int i = chunk.start(); i < chunk.end(); i++) {
            int magnitude = chunk.weight().key(i);
            if (upper < 0) {
                counts[magnitude >>> LOW_BITS]++;
            } else if (magnitude >>> LOW_BITS == upper) {
                counts[magnitude & LOW_MASK]++;
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
