package pomona.report;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import pomona.graph.Constants;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Stretch;
import pomona.graph.Tensor;

/**
 * The weights of layers before a pruning, counted in bins as kept or removed. Zeros that were there before are left out.
 * Of a layer that got smaller the removed weights are those that are gone.
 *
 * @param limit the largest magnitude; bins divide the range from its negative to it
 * @param kept how many weights of each bin are left
 * @param removed how many weights of each bin are gone
 * @param thresholds the largest magnitude removed, by layer, where no smaller one was kept; under the empty name when all
 *     layers share it
 */
record PrunedWeights(double limit, long[] kept, long[] removed, Map<String, Double> thresholds) {

    private static final int BINS = 81;
    private static final int BLOCK = 1 << 13;

    /** What is known of a layer or a part of it: the counts, and the magnitudes next to the border on both sides. */
    private record Counts(long[] kept, long[] removed, float[] border) {

        static Counts none() {
            return new Counts(new long[BINS], new long[BINS], new float[] {0, Float.POSITIVE_INFINITY});
        }

        void add(float value, boolean zeroed, int bin) {
            float magnitude = Math.abs(value);
            if (zeroed) {
                removed[bin]++;
                border[0] = Math.max(border[0], magnitude);
            } else {
                kept[bin]++;
                border[1] = Math.min(border[1], magnitude);
            }
        }

        Counts plus(Counts other) {
            return new Counts(sum(kept, other.kept), sum(removed, other.removed), new float[] {
                Math.max(border[0], other.border[0]), Math.min(border[1], other.border[1])
            });
        }

        /** Whether something was removed, and nothing smaller was kept. */
        boolean isParted() {
            return border[0] > 0 && border[0] <= border[1];
        }
    }

    static PrunedWeights of(Network before, Network after) {
        List<LayerWeight> weights = LayerWeight.of(Constants.lift(before));
        if (weights.isEmpty()) {
            throw WeightFigure.nothingToShow(before);
        }
        Map<String, Tensor> left = Constants.lift(after).weights();
        float limit = (float) weights.stream()
                .mapToDouble(weight -> largest(weight.tensor()))
                .max()
                .orElse(0);
        Counts all = Counts.none();
        Map<String, Double> thresholds = new LinkedHashMap<>();
        boolean parted = true;
        for (LayerWeight weight : weights) {
            Tensor now = left.get(weight.name());
            boolean comparable =
                    now != null && Arrays.equals(now.shape(), weight.tensor().shape());
            Counts counts = comparable ? compare(weight.tensor(), now, limit) : difference(weight.tensor(), now, limit);
            boolean changed = Arrays.stream(counts.removed()).anyMatch(count -> count > 0);
            parted &= comparable && (!changed || counts.isParted());
            if (comparable && counts.isParted()) {
                thresholds.put(weight.layer(), (double) counts.border()[0]);
            }
            all = all.plus(counts);
        }
        // Where training moved weights, a layer may seem to be parted by chance.
        if (!parted) {
            thresholds = Map.of();
        } else if (all.isParted() && thresholds.size() > 1) {
            thresholds = Map.of("", (double) all.border()[0]);
        }
        return new PrunedWeights(limit, all.kept(), all.removed(), thresholds);
    }

    /** The middle of each bin. */
    double[] places() {
        return IntStream.range(0, BINS)
                .mapToDouble(bin -> limit * ((2.0 * bin + 1) / BINS - 1))
                .toArray();
    }

    /** Counts as shares of all weights, in percent. */
    double[] shares(long[] counts) {
        double all = Math.max(1, total(kept) + total(removed));
        return Arrays.stream(counts).mapToDouble(count -> 100 * count / all).toArray();
    }

    long total(long[] counts) {
        return Arrays.stream(counts).sum();
    }

    /** The height of the highest bin, in percent. */
    double highest() {
        return Arrays.stream(shares(sum(kept, removed))).max().orElse(0);
    }

    private static double largest(Tensor tensor) {
        return tensor.stretches().parallelStream()
                .mapToDouble(stretch -> {
                    float[] block = new float[Math.min(BLOCK, stretch.size())];
                    float most = 0;
                    for (int start = 0; start < stretch.size(); start += block.length) {
                        int count = Math.min(block.length, stretch.size() - start);
                        stretch.toFloats(start, count, block);
                        for (int i = 0; i < count; i++) {
                            most = Float.isFinite(block[i]) ? Math.max(most, Math.abs(block[i])) : most;
                        }
                    }
                    return most;
                })
                .max()
                .orElse(0);
    }

    private static Counts compare(Tensor before, Tensor after, float limit) {
        List<Stretch> was = before.stretches();
        List<Stretch> is = after.stretches();
        if (!aligned(was, is)) {
            return difference(before, after, limit);
        }
        return IntStream.range(0, was.size())
                .parallel()
                .mapToObj(s -> compare(was.get(s), is.get(s), limit))
                .reduce(Counts.none(), Counts::plus);
    }

    private static boolean aligned(List<Stretch> left, List<Stretch> right) {
        return left.size() == right.size()
                && IntStream.range(0, left.size())
                        .allMatch(s -> left.get(s).from() == right.get(s).from()
                                && left.get(s).size() == right.get(s).size());
    }

    private static Counts compare(Stretch before, Stretch after, float limit) {
        Counts counts = Counts.none();
        float[] was = new float[Math.min(BLOCK, before.size())];
        float[] is = new float[was.length];
        for (int start = 0; start < before.size(); start += was.length) {
            int count = Math.min(was.length, before.size() - start);
            before.toFloats(start, count, was);
            after.toFloats(start, count, is);
            for (int i = 0; i < count; i++) {
                if (was[i] != 0 && Float.isFinite(was[i])) {
                    counts.add(was[i], is[i] == 0, bin(was[i], limit));
                }
            }
        }
        return counts;
    }

    /** What a layer lost that has another shape now, or is gone: the difference of both counts. */
    private static Counts difference(Tensor before, Tensor after, float limit) {
        long[] was = count(before, limit);
        long[] is = after == null ? new long[BINS] : count(after, limit);
        Counts counts = Counts.none();
        for (int bin = 0; bin < BINS; bin++) {
            counts.removed()[bin] = Math.max(0, was[bin] - is[bin]);
            counts.kept()[bin] = was[bin] - counts.removed()[bin];
        }
        return counts;
    }

    private static long[] count(Tensor tensor, float limit) {
        return tensor.stretches().parallelStream()
                .map(stretch -> compare(stretch, stretch, limit).kept())
                .reduce(new long[BINS], PrunedWeights::sum);
    }

    private static int bin(float value, float limit) {
        return (int) Math.max(0, Math.min(BINS - 1, (value / (double) limit + 1) / 2 * BINS));
    }

    private static long[] sum(long[] left, long[] right) {
        long[] sum = new long[left.length];
        Arrays.setAll(sum, i -> left[i] + right[i]);
        return sum;
    }
}
