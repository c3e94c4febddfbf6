package pomona.graph;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * An immutable n-dimensional array: element type, shape and little-endian bytes, on the heap or memory-mapped.
 *
 * <p>Elements lie in row-major order, as in ONNX raw data. A tensor of strings holds its strings instead of bytes.
 */
public final class Tensor {

    /** The number of elements that one task works on; large enough to hide the cost of a task. */
    private static final int STRETCH = 1 << 18;

    private static final int PIECE = 1 << 22;

    private final ElementType type;
    private final long[] shape;
    private final TensorBytes data;
    private final List<String> strings;

    private Tensor(ElementType type, long[] shape, TensorBytes data, List<String> strings) {
        this.type = type;
        this.shape = shape;
        this.data = data;
        this.strings = strings;
    }

    /**
     * A tensor over little-endian bytes, which are not copied and must not change afterwards.
     *
     * @throws IllegalArgumentException if the number of bytes is not what type and shape ask for
     */
    public static Tensor of(ElementType type, ByteBuffer data, long... shape) {
        return of(type, List.of(data), shape);
    }

    /**
     * A tensor over the bytes of several buffers, one after the other, since one buffer of Java holds 2 GB at most;
     * nothing is copied.
     *
     * @param parts every part but the last has a multiple of {@value TensorBytes#ALIGNMENT} bytes, so that no element
     *     lies in two of them
     * @throws IllegalArgumentException if the number of bytes is not what type and shape ask for
     */
    public static Tensor of(ElementType type, List<ByteBuffer> parts, long... shape) {
        Objects.requireNonNull(type, "type");
        long expected = bytes(type, shape);
        if (type == ElementType.STRING) {
            throw new IllegalArgumentException("A tensor of strings is made of strings, not of bytes.");
        }
        TensorBytes bytes = TensorBytes.of(parts);
        if (bytes.size() != expected) {
            throw new IllegalArgumentException("A tensor " + describe(type, shape) + " takes " + expected
                    + " bytes, but there are " + bytes.size() + ".");
        }
        return new Tensor(type, shape.clone(), bytes, List.of());
    }

    /** A tensor of 32-bit floats; the array is copied. */
    public static Tensor ofFloats(float[] values, long... shape) {
        ByteBuffer bytes = allocate(4L * values.length);
        bytes.asFloatBuffer().put(values);
        return of(ElementType.FLOAT, bytes, shape);
    }

    /** A tensor of 64-bit integers; the array is copied. */
    public static Tensor ofLongs(long[] values, long... shape) {
        ByteBuffer bytes = allocate(8L * values.length);
        bytes.asLongBuffer().put(values);
        return of(ElementType.INT64, bytes, shape);
    }

    /** A tensor of 32-bit integers; the array is copied. */
    public static Tensor ofInts(int[] values, long... shape) {
        ByteBuffer bytes = allocate(4L * values.length);
        bytes.asIntBuffer().put(values);
        return of(ElementType.INT32, bytes, shape);
    }

    /** A tensor of 8-bit elements (INT8, UINT8 or BOOL); the array is copied. */
    public static Tensor ofBytes(ElementType type, byte[] values, long... shape) {
        return of(type, ByteBuffer.wrap(values.clone()), shape);
    }

    /** A tensor of strings. */
    public static Tensor ofStrings(List<String> values, long... shape) {
        if (values.size() != count(shape)) {
            throw new IllegalArgumentException("A tensor " + describe(ElementType.STRING, shape) + " takes "
                    + count(shape) + " strings, but there are " + values.size() + ".");
        }
        return new Tensor(ElementType.STRING, shape.clone(), TensorBytes.NONE, List.copyOf(values));
    }

    /** A float without dimensions. */
    public static Tensor scalar(float value) {
        return ofFloats(new float[] {value});
    }

    /** A 64-bit integer without dimensions. */
    public static Tensor scalar(long value) {
        return ofLongs(new long[] {value});
    }

    public ElementType type() {
        return type;
    }

    /** A copy of the dimensions; empty for a scalar. */
    public long[] shape() {
        return shape.clone();
    }

    /** The number of dimensions. */
    public int rank() {
        return shape.length;
    }

    /** The size of one dimension, counted from the end when negative. */
    public long dim(int axis) {
        return shape[axis < 0 ? axis + shape.length : axis];
    }

    /** The number of elements. */
    public long size() {
        return count(shape);
    }

    /**
     * The elements in stretches of {@value #STRETCH} or fewer, for work in parallel; each lies in one piece of memory.
     */
    public List<Stretch> stretches() {
        List<Stretch> stretches = new ArrayList<>();
        for (long from = 0, size = size(); from < size; ) {
            long next = (from / STRETCH + 1) * STRETCH;
            long to = Math.min(Math.min(size, next), data.endOfPart(type, from));
            stretches.add(data.stretch(type, from, to));
            from = to;
        }
        return stretches;
    }

    /** The number of bytes the elements take. */
    public long bytes() {
        return type == ElementType.STRING
                ? strings.stream().mapToLong(String::length).sum()
                : type.bytes(size());
    }

    /**
     * The elements as read-only little-endian bytes, from the first one on; nothing is copied.
     *
     * @throws IllegalArgumentException if they lie in several buffers; see {@link #parts()}
     */
    public ByteBuffer data() {
        if (data.parts().size() != 1) {
            throw new IllegalArgumentException("A tensor " + this + " of " + bytes()
                    + " bytes does not fit into one buffer of Java; take its parts one after the other.");
        }
        return data.parts().get(0);
    }

    /** The elements as read-only little-endian bytes in one buffer or several; nothing is copied. */
    public List<ByteBuffer> parts() {
        return data.parts();
    }

    /** The place in memory of elements {@code from} up to but not including {@code to}; nothing is copied. */
    public Stretch stretch(long from, long to) {
        Objects.checkFromToIndex(from, to, size());
        return data.stretch(type, from, to);
    }

    /** Writes the elements into a file from that position on, straight from where they lie. */
    public void write(FileChannel channel, long position) throws IOException {
        long at = position;
        for (ByteBuffer part : data.parts()) {
            for (int done = 0; done < part.limit(); ) {
                // In pieces: what is on the heap is first copied to native memory of the piece's size.
                int written = channel.write(part.slice(done, Math.min(PIECE, part.limit() - done)), at);
                done += written;
                at += written;
            }
        }
    }

    /** The strings of a tensor of strings, else an empty list. */
    public List<String> strings() {
        return strings;
    }

    /**
     * The elements as a read-only view of floats; nothing is copied.
     *
     * @throws IllegalArgumentException if this is not a FLOAT tensor
     */
    public FloatBuffer floats() {
        require(ElementType.FLOAT);
        return data().asFloatBuffer();
    }

    /** A copy of the elements as floats: FLOAT, FLOAT16, BFLOAT16, DOUBLE and every integer type are converted. */
    public float[] toFloatArray() {
        float[] values = new float[Math.toIntExact(size())];
        toFloats(0, values, 0, values.length);
        return values;
    }

    /**
     * Copies some elements as floats, converted as by {@link #toFloatArray()}.
     *
     * @param from the first element to copy
     * @param into where to
     * @param offset the place of the first copied element there
     * @param count how many elements
     */
    public void toFloats(long from, float[] into, int offset, int count) {
        Objects.checkFromIndexSize(from, count, size());
        for (long at = from, end = from + count; at < end; ) {
            Stretch stretch = data.stretch(type, at, Math.min(end, data.endOfPart(type, at)));
            stretch.toFloats(0, stretch.size(), into, offset + Math.toIntExact(at - from));
            at += stretch.size();
        }
    }

    /** A copy of the elements as 64-bit integers: every integer type and BOOL is converted, floats are cut. */
    public long[] toLongArray() {
        long[] values = new long[Math.toIntExact(size())];
        ByteBuffer bytes = data();
        for (int i = 0; i < values.length; i++) {
            values[i] = Elements.asLong(type, bytes, i);
        }
        return values;
    }

    /** The number of elements that are not zero; a negative zero is zero. */
    public long countNonZeros() {
        return type == ElementType.STRING ? size() : Elements.countNonZeros(this);
    }

    /** The same elements in another shape. */
    public Tensor reshape(long... newShape) {
        if (count(newShape) != size()) {
            throw new IllegalArgumentException("A tensor " + describe(type, shape) + " of " + size()
                    + " elements can not take the shape " + Arrays.toString(newShape) + ".");
        }
        return new Tensor(type, newShape.clone(), data, strings);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Tensor t
                && type == t.type
                && Arrays.equals(shape, t.shape)
                && data.equals(t.data)
                && strings.equals(t.strings);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(shape) + type.hashCode();
    }

    /** For example {@code float[300,784]}. */
    @Override
    public String toString() {
        return describe(type, shape);
    }

    private void require(ElementType wanted) {
        if (type != wanted) {
            throw new IllegalArgumentException(
                    "A tensor " + this + " was asked for as " + wanted.name().toLowerCase(Locale.ROOT) + ".");
        }
    }

    private static ByteBuffer allocate(long bytes) {
        return ByteBuffer.allocate(Math.toIntExact(bytes)).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The bytes of a tensor, refused when they can not be counted in 63 bits. */
    static long bytes(ElementType type, long[] shape) {
        try {
            return type.bytes(count(shape));
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(
                    "A tensor " + describe(type, shape) + " has more elements than any machine can hold.", e);
        }
    }

    private static long count(long[] shape) {
        long count = 1;
        for (long dim : shape) {
            if (dim < 0) {
                throw new IllegalArgumentException(
                        "A tensor can not have the shape " + Arrays.toString(shape) + "; sizes are 0 or more.");
            }
            count = Math.multiplyExact(count, dim);
        }
        return count;
    }

    private static String describe(ElementType type, long[] shape) {
        return type.name().toLowerCase(Locale.ROOT)
                + Arrays.stream(shape).mapToObj(Long::toString).collect(Collectors.joining(",", "[", "]"));
    }
}
