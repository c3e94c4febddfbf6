package pomona.quantize;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * k-means of single numbers: they are put in order once, and then each round of Lloyd's algorithm only looks for the
 * borders between clusters, so that its cost hardly depends on how many numbers there are.
 *
 * <p>Of more than {@value #EXACT} numbers, those that agree in their sign, exponent and first 11 binary places go
 * together, so that no sorting is needed. Source: Lloyd, Least Squares Quantization in PCM, 1982, section 4.
 */
final class Centroids {

    /** Up to this many numbers each counts for itself. */
    static final int EXACT = 1 << 18;

    private static final int DROPPED_BITS = 12;
    private static final int CELLS = 1 << 32 - DROPPED_BITS;
    private static final int MOST_ROUNDS = 1000;

    /** Numbers, or means of numbers that go together, in rising order. */
    private final float[] cells;

    /** How many numbers lie before each cell, and before the end. */
    private final long[] counts;

    /** The sum of the numbers before each cell, and before the end. */
    private final double[] sums;

    /**
     * @param values the numbers to find centroids of; sorted in place when they are few
     * @param size how many of them count, 1 or more
     */
    Centroids(float[] values, int size) {
        if (size > EXACT) {
            Histogram all = Histogram.of(values, size);
            int used =
                    (int) Arrays.stream(all.counts).filter(count -> count > 0).count();
            cells = new float[used];
            counts = new long[used + 1];
            sums = new double[used + 1];
            for (int key = 0, cell = 0; key < CELLS; key++) {
                if (all.counts[key] > 0) {
                    cells[cell] = (float) (all.sums[key] / all.counts[key]);
                    counts[cell + 1] = counts[cell] + all.counts[key];
                    sums[cell + 1] = sums[cell] + all.sums[key];
                    cell++;
                }
            }
        } else {
            Arrays.sort(values, 0, size);
            cells = Arrays.copyOf(values, size);
            counts = LongStream.rangeClosed(0, size).toArray();
            sums = new double[size + 1];
            for (int i = 0; i < size; i++) {
                sums[i + 1] = sums[i] + cells[i];
            }
        }
    }

    /** How many numbers fall into each cell, and their sums. */
    private record Histogram(long[] counts, double[] sums) {

        static Histogram of(float[] values, int size) {
            int tasks = Math.max(1, Math.min(8, Runtime.getRuntime().availableProcessors()));
            // The same pieces are added up in the same order whatever runs when.
            return IntStream.range(0, tasks)
                    .parallel()
                    .mapToObj(task ->
                            piece(values, (int) ((long) size * task / tasks), (int) ((long) size * (task + 1) / tasks)))
                    .reduce(Histogram::plus)
                    .orElseThrow();
        }

        private static Histogram piece(float[] values, int from, int to) {
            long[] counts = new long[CELLS];
            double[] sums = new double[CELLS];
            for (int i = from; i < to; i++) {
                int bits = Float.floatToRawIntBits(values[i]);
                // In the order of the numbers: of negative ones all bits are turned, of others the sign.
                int key = (bits ^ (bits >> 31 | 0x8000_0000)) >>> DROPPED_BITS;
                counts[key]++;
                sums[key] += values[i];
            }
            return new Histogram(counts, sums);
        }

        private static Histogram plus(Histogram first, Histogram second) {
            Arrays.setAll(first.counts, i -> first.counts[i] + second.counts[i]);
            Arrays.setAll(first.sums, i -> first.sums[i] + second.sums[i]);
            return first;
        }
    }

    /**
     * The centroids that k-means ends at, in rising order; fewer than asked for where there are fewer different numbers,
     * or where a cluster has become empty.
     *
     * @param most the largest number of centroids, 1 or more
     * @param seed the source of the choice that {@link CentroidStart#RANDOM} makes
     */
    float[] find(int most, CentroidStart start, long seed) {
        float[] few = distinct(most);
        if (few != null) {
            return few;
        }
        double[] centroids = start(most, start, seed);
        int[] borders = borders(centroids);
        for (int round = 0; round < MOST_ROUNDS; round++) {
            for (int c = 0; c < most; c++) {
                if (borders[c] < borders[c + 1]) {
                    centroids[c] =
                            (sums[borders[c + 1]] - sums[borders[c]]) / (counts[borders[c + 1]] - counts[borders[c]]);
                }
            }
            int[] moved = borders(centroids);
            if (Arrays.equals(moved, borders)) {
                break;
            }
            borders = moved;
        }
        return used(centroids, borders);
    }

    /** All different numbers, or null when there are more than that many. */
    private float[] distinct(int most) {
        float[] found = new float[most];
        int count = 0;
        for (int i = 0; i < cells.length; i++) {
            if (i == 0 || cells[i] != cells[i - 1]) {
                if (count == most) {
                    return null;
                }
                found[count++] = cells[i];
            }
        }
        return Arrays.copyOf(found, count);
    }

    private double[] start(int count, CentroidStart start, long seed) {
        double[] centroids = new double[count];
        double lowest = cells[0];
        double highest = cells[cells.length - 1];
        long n = counts[cells.length];
        SplittableRandom random = new SplittableRandom(seed);
        for (int c = 0; c < count; c++) {
            centroids[c] = switch (start) {
                case LINEAR -> count == 1 ? ranked(n / 2) : lowest + (highest - lowest) * c / (count - 1);
                case DENSITY -> ranked((2L * c + 1) * n / (2L * count));
                case RANDOM -> ranked(random.nextLong(n));
            };
        }
        Arrays.sort(centroids);
        return centroids;
    }

    /** The number that has so many before it. */
    private float ranked(long rank) {
        int found = Arrays.binarySearch(counts, rank);
        return cells[found >= 0 ? found : -found - 2];
    }

    /** The cell that each cluster starts at, and the end of the last one; what is halfway is of the lower one. */
    private int[] borders(double[] centroids) {
        int[] borders = new int[centroids.length + 1];
        for (int c = 1; c < centroids.length; c++) {
            borders[c] = after((centroids[c - 1] + centroids[c]) / 2);
        }
        borders[centroids.length] = cells.length;
        return borders;
    }

    /** How many cells are not above a limit. */
    private int after(double limit) {
        int low = 0;
        int high = cells.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (cells[middle] <= limit) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private static float[] used(double[] centroids, int[] borders) {
        float[] used = new float[centroids.length];
        int count = 0;
        for (int c = 0; c < centroids.length; c++) {
            if (borders[c] < borders[c + 1]) {
                used[count++] = (float) centroids[c];
            }
        }
        return Arrays.copyOf(used, count);
    }

    /** The place of the centroid nearest to a number; of two as near, the lower one. */
    static int nearest(float[] centroids, float value) {
        int low = 0;
        int high = centroids.length - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (((double) centroids[middle] + centroids[middle + 1]) / 2 < value) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
