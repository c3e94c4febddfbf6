package pomona.quantize;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import pomona.graph.ElementType;
import pomona.graph.Stretch;
import pomona.graph.Tensor;
import pomona.graph.TensorStore;

/** Turns floats into 16-bit ones, rounded to the nearest, halves to the even one; tensors of any size. */
final class HalfTensors {

    /** The largest finite float16. */
    static final float LARGEST = 65504;

    private static final int BLOCK = 1 << 12;

    private HalfTensors() {}

    /**
     * The tensor in another type; what float16 has no number for becomes its largest one, infinities included.
     *
     * @param type FLOAT16 or BFLOAT16
     */
    static Tensor of(Tensor floats, ElementType type, TensorStore store) {
        TensorStore.Room room = store.allocate(type, floats.shape());
        floats.stretches().parallelStream().forEach(stretch -> {
            ByteBuffer bytes = ByteBuffer.allocate(2 * stretch.size()).order(ByteOrder.LITTLE_ENDIAN);
            float[] block = new float[Math.min(BLOCK, stretch.size())];
            for (int start = 0; start < stretch.size(); start += block.length) {
                int count = Math.min(block.length, stretch.size() - start);
                stretch.toFloats(start, count, block);
                for (int i = 0; i < count; i++) {
                    bytes.putShort(type == ElementType.FLOAT16 ? float16(block[i]) : bfloat16(block[i]));
                }
            }
            room.put(stretch.from(), bytes.flip());
        });
        return room.tensor();
    }

    /** How many numbers of a tensor float16 is too small for; NaN and infinities are none of them. */
    static long beyondFloat16(Tensor floats) {
        return floats.stretches().parallelStream()
                .mapToLong(HalfTensors::beyondFloat16)
                .sum();
    }

    private static long beyondFloat16(Stretch stretch) {
        float[] block = new float[Math.min(BLOCK, stretch.size())];
        long count = 0;
        for (int start = 0; start < stretch.size(); start += block.length) {
            int size = Math.min(block.length, stretch.size() - start);
            stretch.toFloats(start, size, block);
            for (int i = 0; i < size; i++) {
                // From 65520 on a number rounds to infinity.
                count += Math.abs(block[i]) >= 65520 && Math.abs(block[i]) <= Float.MAX_VALUE ? 1 : 0;
            }
        }
        return count;
    }

    static short bfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) (bits >>> 16 | 0x40);
        }
        int rounded = bits + 0x7FFF + (bits >>> 16 & 1);
        // The largest floats would round to infinity.
        boolean overflows = (rounded & 0x7F800000) == 0x7F800000 && !Float.isInfinite(value);
        return (short) ((overflows ? bits : rounded) >>> 16);
    }

    static short float16(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = bits >>> 16 & 0x8000;
        if (Float.isNaN(value)) {
            return (short) (sign | 0x7E00);
        }
        float size = Math.min(LARGEST, Math.abs(value));
        if (size < 0x1p-14f) {
            // Steps of 2^-24, of which the float addition keeps the nearest whole number.
            return (short) (sign | Float.floatToRawIntBits(size + 0x1p-1f) - Float.floatToRawIntBits(0x1p-1f));
        }
        int magnitude = Float.floatToRawIntBits(size);
        int rounded = magnitude + 0xFFF + (magnitude >>> 13 & 1);
        return (short) (sign | rounded - (112 << 23) >>> 13);
    }
}
