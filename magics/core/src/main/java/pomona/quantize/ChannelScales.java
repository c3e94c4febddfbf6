package pomona.quantize;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import pomona.graph.ElementType;
import pomona.graph.Stretch;
import pomona.graph.Tensor;
import pomona.graph.TensorStore;

/**
 * Quantizes a weight of any size to signed bytes, symmetric about zero, stretch by stretch and in parallel: nothing of it
 * is held on the heap.
 *
 * @param weight the weight, of 32-bit floats
 * @param channels the number of channels, each of which has its scale; 1 for one scale
 * @param inner how many neighbouring elements belong to the same channel
 * @param largest the largest byte to use, 1 to 127; the smallest is its negative
 */
record ChannelScales(Tensor weight, int channels, long inner, int largest) {

    /** The largest of all signed bytes. */
    static final int LARGEST = 127;

    private static final int BLOCK = 1 << 12;

    /** Adding this to a float of less than 4 million leaves the nearest whole number in its lowest bits. */
    private static final float ROUNDING = 0x1.8p23f;

    private static final int ROUNDED_ZERO = Float.floatToRawIntBits(ROUNDING);

    /** One scale for each index along an axis, or one for all when it is negative. */
    static ChannelScales along(int axis, Tensor weight) {
        return along(axis, weight, LARGEST);
    }

    /** The same with bytes up to a given one. */
    static ChannelScales along(int axis, Tensor weight, int largest) {
        if (axis < 0) {
            return new ChannelScales(weight, 1, Math.max(1, weight.size()), largest);
        }
        long inner = Arrays.stream(weight.shape(), axis + 1, weight.rank()).reduce(1, Math::multiplyExact);
        return new ChannelScales(weight, Math.toIntExact(weight.dim(axis)), Math.max(1, inner), largest);
    }

    /** The smallest scales that cut nothing; NaN or infinite where a channel has such a value. */
    float[] scales() {
        List<Stretch> stretches = weight.stretches();
        int workers = Math.min(stretches.size(), 2 * Runtime.getRuntime().availableProcessors());
        float[] magnitudes = IntStream.range(0, workers)
                .parallel()
                .mapToObj(worker -> {
                    float[] most = new float[channels];
                    for (int s = worker; s < stretches.size(); s += workers) {
                        blocks(
                                stretches.get(s),
                                (values, from, to, channel, step) -> most(values, from, to, channel, step, most));
                    }
                    return most;
                })
                .reduce(new float[channels], ChannelScales::largest);
        for (int c = 0; c < channels; c++) {
            magnitudes[c] = magnitudes[c] == 0 ? 1 : Math.max(QuantizedWeight.SMALLEST_SCALE, magnitudes[c] / largest);
        }
        return magnitudes;
    }

    /** The bytes of the weight under those scales, each rounded to the nearest step, halves to the even one. */
    Tensor quantize(float[] scales, TensorStore store) {
        TensorStore.Room room = store.allocate(ElementType.INT8, weight.shape());
        weight.stretches().parallelStream().forEach(stretch -> {
            byte[] bytes = new byte[stretch.size()];
            int[] done = new int[1];
            blocks(stretch, (values, from, to, channel, step) -> {
                int at = done[0] - from;
                for (int i = from, c = channel; i < to; i++, c += step) {
                    float steps = values[i] / scales[c];
                    int rounded = Float.floatToRawIntBits(steps + ROUNDING) - ROUNDED_ZERO;
                    bytes[at + i] = (byte) Math.max(-largest, Math.min(largest, rounded));
                }
                done[0] += to - from;
            });
            room.put(stretch.from(), ByteBuffer.wrap(bytes));
        });
        return room.tensor();
    }

    /** Takes some values: the first is of that channel, each next one of a channel {@code step} further. */
    private interface Run {
        void take(float[] values, int from, int to, int channel, int step);
    }

    /** Cuts a stretch into runs whose channels are all the same, or, where each element is another's, follow in order. */
    private void blocks(Stretch stretch, Run run) {
        float[] block = new float[Math.min(BLOCK, stretch.size())];
        for (int start = 0; start < stretch.size(); start += block.length) {
            int count = Math.min(block.length, stretch.size() - start);
            stretch.toFloats(start, count, block);
            long place = stretch.from() + start;
            for (int i = 0; i < count; ) {
                int channel = (int) ((place + i) / inner % channels);
                long alike = inner == 1 ? channels - channel : inner - (place + i) % inner;
                int end = (int) Math.min(count, i + alike);
                run.take(block, i, end, channel, inner == 1 ? 1 : 0);
                i = end;
            }
        }
    }

    private static void most(float[] values, int from, int to, int channel, int step, float[] most) {
        if (step == 0) {
            float largest = most[channel];
            for (int i = from; i < to; i++) {
                largest = Math.max(largest, Math.abs(values[i]));
            }
            most[channel] = largest;
            return;
        }
        for (int i = from, c = channel; i < to; i++, c++) {
            most[c] = Math.max(most[c], Math.abs(values[i]));
        }
    }

    private static float[] largest(float[] left, float[] right) {
        float[] largest = new float[left.length];
        for (int c = 0; c < largest.length; c++) {
            largest[c] = Math.max(left[c], right[c]);
        }
        return largest;
    }
}
