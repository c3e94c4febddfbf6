package pomona.graph;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
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

    private final ElementType type;
    private final long[] shape;
    private final ByteBuffer data;
    private final List<String> strings;

    private Tensor(ElementType type, long[] shape, ByteBuffer data, List<String> strings) {
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
        Objects.requireNonNull(type, "type");
        long expected = type.bytes(count(shape));
        if (type == ElementType.STRING) {
            throw new IllegalArgumentException("A tensor of strings is made of strings, not of bytes.");
        }
        if (data.remaining() != expected) {
            throw new IllegalArgumentException("A tensor " + describe(type, shape) + " takes " + expected
                    + " bytes, but there are " + data.remaining() + ".");
        }
        return new Tensor(
                type, shape.clone(), data.slice().asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN), List.of());
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
        return new Tensor(ElementType.STRING, shape.clone(), ByteBuffer.allocate(0), List.copyOf(values));
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

    /** The number of bytes the elements take. */
    public long bytes() {
        return type == ElementType.STRING
                ? strings.stream().mapToLong(String::length).sum()
                : type.bytes(size());
    }

    /** The elements as read-only little-endian bytes, from the first one on; nothing is copied. */
    public ByteBuffer data() {
        return data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
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
        ByteBuffer bytes = data();
        if (type == ElementType.FLOAT) {
            bytes.asFloatBuffer().get(values);
            return values;
        }
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) Elements.asDouble(type, bytes, i);
        }
        return values;
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
        return type == ElementType.STRING ? size() : Elements.countNonZeros(type, data(), size());
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
