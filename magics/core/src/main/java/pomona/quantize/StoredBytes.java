package pomona.quantize;

import java.util.Arrays;
import pomona.graph.ElementType;
import pomona.graph.Tensor;
import pomona.graph.TensorStore;

/**
 * A weight as bytes, and what to multiply them with.
 *
 * @param bytes the bytes, signed, or unsigned about 128
 * @param scales one for each channel, or one
 */
record StoredBytes(Tensor bytes, float[] scales) {

    /** The zero point of unsigned bytes. */
    static final byte MIDDLE = (byte) 128;

    /** Quantizes a weight that was found finite; each channel has its scale. */
    static StoredBytes of(ChannelScales channels, ByteType type) {
        float[] scales = channels.scales();
        Tensor bytes =
                channels.quantize(scales, TensorStore.of(channels.weight().size()));
        return new StoredBytes(type == ByteType.INT8 ? bytes : unsigned(bytes), scales);
    }

    /** The same with the last two dimensions swapped, as products take them. */
    StoredBytes transposed() {
        long[] shape = bytes.shape();
        int rank = shape.length;
        int rows = Math.toIntExact(shape[rank - 2]);
        int columns = Math.toIntExact(shape[rank - 1]);
        byte[] from = array(bytes);
        byte[] to = new byte[from.length];
        for (int start = 0; start < from.length; start += rows * columns) {
            transpose(from, to, start, rows, columns);
        }
        shape[rank - 2] = columns;
        shape[rank - 1] = rows;
        return new StoredBytes(Tensor.of(bytes.type(), java.nio.ByteBuffer.wrap(to), shape), scales);
    }

    /** In squares, so that neither side leaves the cache. */
    private static void transpose(byte[] from, byte[] to, int start, int rows, int columns) {
        int square = 32;
        for (int top = 0; top < rows; top += square) {
            for (int left = 0; left < columns; left += square) {
                for (int r = top; r < Math.min(rows, top + square); r++) {
                    for (int c = left; c < Math.min(columns, left + square); c++) {
                        to[start + c * rows + r] = from[start + r * columns + c];
                    }
                }
            }
        }
    }

    private static Tensor unsigned(Tensor signed) {
        byte[] bytes = array(signed);
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] ^= MIDDLE;
        }
        return Tensor.of(ElementType.UINT8, java.nio.ByteBuffer.wrap(bytes), signed.shape());
    }

    private static byte[] array(Tensor tensor) {
        byte[] bytes = new byte[Math.toIntExact(tensor.size())];
        tensor.data().duplicate().get(0, bytes);
        return bytes;
    }

    /** The scales, each multiplied with a factor, in a shape; a scalar when there is one. */
    Tensor scale(float factor, long... shape) {
        float[] values = scales.clone();
        for (int i = 0; i < values.length; i++) {
            values[i] *= factor;
        }
        return values.length == 1 && Arrays.stream(shape).allMatch(size -> size != 1)
                ? Tensor.scalar(values[0])
                : Tensor.ofFloats(values, shape);
    }
}
