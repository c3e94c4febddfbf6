package pomona.graph;

import java.nio.ByteBuffer;

/**
 * Some elements of a tensor that lie in one piece of memory: what one task works on.
 *
 * @param type the type of the elements
 * @param bytes the piece of memory, little-endian; not to be moved within
 * @param from the place of the first element in the tensor
 * @param index the place of the first element in the piece of memory
 * @param size the number of elements
 */
public record Stretch(ElementType type, ByteBuffer bytes, long from, int index, int size) {

    /**
     * Copies some elements as floats, converted as by {@link Tensor#toFloatArray()}.
     *
     * @param start the first element to copy, counted from the first of this stretch
     * @param count how many
     */
    public void toFloats(int start, int count, float[] into) {
        toFloats(start, count, into, 0);
    }

    void toFloats(int start, int count, float[] into, int offset) {
        if (type == ElementType.FLOAT) {
            bytes.asFloatBuffer().get(index + start, into, offset, count);
            return;
        }
        for (int i = 0; i < count; i++) {
            into[offset + i] = (float) Elements.asDouble(type, bytes, index + start + i);
        }
    }

    /**
     * Copies the bits of some elements as those of 32-bit floats: halves widen exactly, doubles round to the nearest
     * float.
     *
     * @param start the first element to copy, counted from the first of this stretch
     * @param count how many
     */
    public void toFloatBits(int start, int count, int[] into) {
        if (type == ElementType.FLOAT) {
            bytes.asIntBuffer().get(index + start, into, 0, count);
            return;
        }
        for (int i = 0; i < count; i++) {
            into[i] = Float.floatToRawIntBits((float) Elements.asDouble(type, bytes, index + start + i));
        }
    }

    /** The elements' own bytes, for types of whole bytes. */
    public ByteBuffer slice() {
        int width = type.bits() / 8;
        return bytes.slice(index * width, size * width).order(bytes.order());
    }
}
