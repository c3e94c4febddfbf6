package pomona.graph;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;

/** Computes with the elements of tensors: floats in double precision, integers in 64 bits, booleans as 0 and 1. */
final class TensorArithmetic {

    private TensorArithmetic() {}

    /** Whether elements of this type are computed with here. */
    static boolean knows(ElementType type) {
        return switch (type) {
            case FLOAT, DOUBLE, INT64, INT32, INT16, INT8, UINT8, UINT16, UINT32, BOOL -> true;
            default -> false;
        };
    }

    private static double[] doubles(Tensor tensor) {
        double[] values = new double[Math.toIntExact(tensor.size())];
        ByteBuffer bytes = tensor.data();
        for (int i = 0; i < values.length; i++) {
            values[i] = Elements.asDouble(tensor.type(), bytes, i);
        }
        return values;
    }

    static Tensor ofDoubles(ElementType type, double[] values, long... shape) {
        ByteBuffer bytes = bytes(type, values.length);
        for (double value : values) {
            if (type == ElementType.FLOAT) {
                bytes.putFloat((float) value);
            } else if (type == ElementType.DOUBLE) {
                bytes.putDouble(value);
            } else if (type == ElementType.BOOL) {
                bytes.put((byte) (value != 0 ? 1 : 0));
            } else {
                put(bytes, type, (long) value);
            }
        }
        return Tensor.of(type, bytes.flip(), shape);
    }

    static Tensor ofLongs(ElementType type, long[] values, long... shape) {
        ByteBuffer bytes = bytes(type, values.length);
        for (long value : values) {
            if (type == ElementType.FLOAT) {
                bytes.putFloat(value);
            } else if (type == ElementType.DOUBLE) {
                bytes.putDouble(value);
            } else {
                put(bytes, type, type == ElementType.BOOL && value != 0 ? 1 : value);
            }
        }
        return Tensor.of(type, bytes.flip(), shape);
    }

    private static ByteBuffer bytes(ElementType type, int count) {
        return ByteBuffer.allocate(Math.toIntExact(type.bytes(count))).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static void put(ByteBuffer bytes, ElementType type, long value) {
        switch (type.bits()) {
            case 8 -> bytes.put((byte) value);
            case 16 -> bytes.putShort((short) value);
            case 32 -> bytes.putInt((int) value);
            default -> bytes.putLong(value);
        }
    }

    static Tensor cast(Tensor in, ElementType type) {
        return in.type().isFloating()
                ? ofDoubles(type, doubles(in), in.shape())
                : ofLongs(type, in.toLongArray(), in.shape());
    }

    static Tensor map(Tensor in, DoubleUnaryOperator floats, LongUnaryOperator integers) {
        if (in.type().isFloating()) {
            return ofDoubles(in.type(), Arrays.stream(doubles(in)).map(floats).toArray(), in.shape());
        }
        return integers == null
                ? null
                : ofLongs(
                        in.type(), Arrays.stream(in.toLongArray()).map(integers).toArray(), in.shape());
    }

    /** Element by element, with broadcasting; null when integers are given and there is nothing for them. */
    static Tensor combine(
            Tensor left, Tensor right, ElementType type, DoubleBinaryOperator floats, LongBinaryOperator integers) {
        long[] shape = broadcast(left.shape(), right.shape());
        Tensor a = TensorLayout.expand(left, shape);
        Tensor b = TensorLayout.expand(right, shape);
        if (left.type().isFloating()) {
            double[] x = doubles(a);
            double[] y = doubles(b);
            for (int i = 0; i < x.length; i++) {
                x[i] = floats.applyAsDouble(x[i], y[i]);
            }
            return ofDoubles(type, x, shape);
        }
        if (integers == null) {
            return null;
        }
        long[] x = a.toLongArray();
        long[] y = b.toLongArray();
        for (int i = 0; i < x.length; i++) {
            x[i] = integers.applyAsLong(x[i], y[i]);
        }
        return ofLongs(type, x, shape);
    }

    /** Reduces some dimensions, which are kept with size 1. */
    static Tensor reduce(Tensor in, boolean[] gone, DoubleBinaryOperator join, LongBinaryOperator integers) {
        long[] shape = in.shape();
        for (int i = 0; i < shape.length; i++) {
            shape[i] = gone[i] ? 1 : shape[i];
        }
        long[] strides = TensorLayout.strides(shape);
        long[] inner = TensorLayout.strides(in.shape());
        int count = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
        double[] sums = new double[count];
        long[] exact = new long[count];
        boolean[] begun = new boolean[count];
        double[] values = doubles(in);
        long[] longs = in.type().isFloating() ? null : in.toLongArray();
        for (int i = 0; i < values.length; i++) {
            int to = 0;
            for (int d = 0; d < shape.length; d++) {
                to += gone[d] ? 0 : (int) (i / inner[d] % in.dim(d) * strides[d]);
            }
            sums[to] = begun[to] ? join.applyAsDouble(sums[to], values[i]) : values[i];
            if (longs != null) {
                exact[to] = begun[to] ? integers.applyAsLong(exact[to], longs[i]) : longs[i];
            }
            begun[to] = true;
        }
        return longs == null ? ofDoubles(in.type(), sums, shape) : ofLongs(in.type(), exact, shape);
    }

    /** The shape that both fit in. */
    static long[] broadcast(long[] left, long[] right) {
        long[] shape = new long[Math.max(left.length, right.length)];
        for (int i = 1; i <= shape.length; i++) {
            long a = i > left.length ? 1 : left[left.length - i];
            long b = i > right.length ? 1 : right[right.length - i];
            if (a != b && a != 1 && b != 1) {
                throw new IllegalArgumentException("Shapes " + Arrays.toString(left) + " and " + Arrays.toString(right)
                        + " do not fit; sizes are equal or 1.");
            }
            shape[shape.length - i] = a == 1 ? b : a;
        }
        return shape;
    }
}
