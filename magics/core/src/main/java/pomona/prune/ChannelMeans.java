package pomona.prune;

import java.util.HashMap;
import java.util.Map;
import java.util.function.IntToDoubleFunction;

/** Means over all places that a channel stands on, in any number of tensors. */
final class ChannelMeans {

    /** What was added up for one channel. */
    private static final class Sum {
        private double sum;
        private long count;
    }

    private final Map<Integer, Sum> sums = new HashMap<>();

    /**
     * Adds the elements of a tensor to the channels of each of its axes.
     *
     * @param axes the channels by axis; null for an axis without
     * @param value the value of each element
     */
    void add(int[][] axes, long[] shape, IntToDoubleFunction value) {
        int inner = 1;
        for (int axis = shape.length - 1; axes != null && axis >= 0; axis--) {
            int size = Math.toIntExact(shape[axis]);
            if (axes[axis] != null) {
                add(axes[axis], inner, outer(shape, axis), value);
            }
            inner *= size;
        }
    }

    private static int outer(long[] shape, int axis) {
        int outer = 1;
        for (int i = 0; i < axis; i++) {
            outer *= Math.toIntExact(shape[i]);
        }
        return outer;
    }

    private void add(int[] channels, int inner, int outer, IntToDoubleFunction value) {
        for (int place = 0; place < channels.length; place++) {
            double sum = 0;
            for (int o = 0; o < outer; o++) {
                int start = (o * channels.length + place) * inner;
                for (int i = start; i < start + inner; i++) {
                    sum += value.applyAsDouble(i);
                }
            }
            Sum total = sums.computeIfAbsent(channels[place], c -> new Sum());
            total.sum += sum;
            total.count += (long) inner * outer;
        }
    }

    Map<Integer, Double> means() {
        Map<Integer, Double> means = new HashMap<>();
        sums.forEach((channel, total) -> means.put(channel, total.sum / Math.max(1, total.count)));
        return means;
    }
}
