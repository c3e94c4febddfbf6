package pomona.graph;

import java.nio.ByteBuffer;
import java.nio.IntBuffer;

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

    /** Copies the elements as floats, converted as by {@link Tensor#toFloatArray()}. */
    public void toFloats(float[] into, int offset) {
        if (type == ElementType.FLOAT) {
            bytes.asFloatBuffer().get(index, into, offset, size);
            return;
        }
        for (int i = 0; i < size; i++) {
            into[offset + i] = (float) Elements.asDouble(type, bytes, index + i);
        }
    }

    /**
     * Copies the bits of the elements as those of 32-bit floats: halves widen exactly, doubles round to the nearest
     * float.
     */
    public void toFloatBits(int[] into) {
        if (type == ElementType.FLOAT) {
            IntBuffer bits = bytes.asIntBuffer();
            bits.get(index, into, 0, size);
            return;
        }
        for (int i = 0; i < size; i++) {
            into[i] = Float.floatToRawIntBits((float) Elements.asDouble(type, bytes, index + i));
        }
    }

    /** The elements' own bytes, for types of whole bytes. */
    public ByteBuffer slice() {
        int width = type.bits() / 8;
        return bytes.slice(index * width, size * width).order(bytes.order());
    }
}
