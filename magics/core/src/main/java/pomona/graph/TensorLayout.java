package pomona.graph;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/** Lays out the elements of tensors in other ways; elements are whole bytes. */
final class TensorLayout {

    private TensorLayout() {}

    /** The elements at offset + sum of index times stride, in elements; a stride of 0 repeats. */
    static Tensor view(Tensor in, long[] shape, long[] strides, long offset) {
        int width = in.type().bits() / 8;
        ByteBuffer source = in.data();
        ByteBuffer target = allocate(in, shape);
        int rank = shape.length;
        long[] index = new long[rank];
        long from = offset;
        long size = target.capacity() / Math.max(1, width);
        for (long element = 0; element < size; element++) {
            copy(source, Math.toIntExact(from * width), target, width);
            for (int i = rank - 1; i >= 0; i--) {
                from += strides[i];
                if (++index[i] < shape[i]) {
                    break;
                }
                from -= strides[i] * shape[i];
                index[i] = 0;
            }
        }
        return Tensor.of(in.type(), target.flip(), shape);
    }

    private static void copy(ByteBuffer source, int from, ByteBuffer target, int width) {
        switch (width) {
            case 1 -> target.put(source.get(from));
            case 2 -> target.putShort(source.getShort(from));
            case 4 -> target.putInt(source.getInt(from));
            default -> target.putLong(source.getLong(from));
        }
    }

    private static ByteBuffer allocate(Tensor like, long[] shape) {
        long size = 1;
        for (long dim : shape) {
            size = Math.multiplyExact(size, dim);
        }
        return ByteBuffer.allocate(Math.toIntExact(like.type().bytes(size))).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** How many elements lie between neighbours along each dimension. */
    static long[] strides(long[] shape) {
        long[] strides = new long[shape.length];
        long stride = 1;
        for (int i = shape.length - 1; i >= 0; i--) {
            strides[i] = stride;
            stride *= shape[i];
        }
        return strides;
    }

    static Tensor transpose(Tensor in, long[] permutation) {
        int rank = in.rank();
        long[] shape = new long[rank];
        long[] strides = new long[rank];
        long[] all = strides(in.shape());
        for (int i = 0; i < rank; i++) {
            int axis = permutation.length == 0 ? rank - 1 - i : Math.toIntExact(permutation[i]);
            shape[i] = in.dim(axis);
            strides[i] = all[axis];
        }
        return view(in, shape, strides, 0);
    }

    /** Broadcasts to a shape that fits. */
    static Tensor expand(Tensor in, long[] shape) {
        long[] strides = new long[shape.length];
        long[] all = strides(in.shape());
        for (int i = 0; i < in.rank(); i++) {
            int place = shape.length - in.rank() + i;
            strides[place] = in.dim(i) == 1 ? 0 : all[i];
        }
        return view(in, shape, strides, 0);
    }

    static Tensor tile(Tensor in, long[] repeats) {
        int rank = in.rank();
        long[] shape = new long[2 * rank];
        long[] strides = new long[2 * rank];
        long[] all = strides(in.shape());
        long[] result = new long[rank];
        for (int i = 0; i < rank; i++) {
            shape[2 * i] = repeats[i];
            shape[2 * i + 1] = in.dim(i);
            strides[2 * i + 1] = all[i];
            result[i] = repeats[i] * in.dim(i);
        }
        return view(in, shape, strides, 0).reshape(result);
    }

    /** Every step-th element of one dimension, beginning at start. */
    static Tensor cut(Tensor in, int axis, long start, long step, long count) {
        long[] shape = in.shape();
        long[] strides = strides(shape);
        long offset = start * strides[axis];
        shape[axis] = count;
        strides[axis] *= step;
        return view(in, shape, strides, count == 0 ? 0 : offset);
    }

    static Tensor gather(Tensor in, int axis, Tensor indices) {
        long[] places = indices.toLongArray();
        Tensor[] parts = new Tensor[places.length];
        for (int i = 0; i < places.length; i++) {
            long place = places[i] < 0 ? places[i] + in.dim(axis) : places[i];
            parts[i] = cut(in, axis, place, 1, 1);
        }
        long[] shape = new long[in.rank() - 1 + indices.rank()];
        for (int i = 0; i < shape.length; i++) {
            boolean index = i >= axis && i < axis + indices.rank();
            shape[i] = index ? indices.dim(i - axis) : in.dim(i < axis ? i : i - indices.rank() + 1);
        }
        return places.length == 0
                ? Tensor.of(in.type(), allocate(in, shape), shape)
                : concat(List.of(parts), axis).reshape(shape);
    }

    static Tensor concat(List<Tensor> parts, int axis) {
        long[] shape = parts.get(0).shape();
        shape[axis] = parts.stream().mapToLong(part -> part.dim(axis)).sum();
        long outer = 1;
        for (int i = 0; i < axis; i++) {
            outer *= shape[i];
        }
        ByteBuffer target = allocate(parts.get(0), shape);
        for (long block = 0; block < outer; block++) {
            for (Tensor part : parts) {
                int bytes = Math.toIntExact(part.bytes() / outer);
                target.put(part.data().slice(Math.toIntExact(block * bytes), bytes));
            }
        }
        return Tensor.of(parts.get(0).type(), target.flip(), shape);
    }

    /** A tensor with the same element everywhere. */
    static Tensor filled(Tensor element, long[] shape) {
        return view(element, shape, new long[shape.length], 0);
    }

    /** The shape that a Reshape makes of a size. */
    static long[] reshaped(long[] in, long size, long[] target, boolean copyZeros) {
        long[] shape = target.clone();
        long rest = size;
        int open = -1;
        for (int i = 0; i < shape.length; i++) {
            if (shape[i] == 0 && copyZeros) {
                shape[i] = in[i];
            }
            if (shape[i] == -1) {
                open = i;
            } else if (shape[i] > 0) {
                rest /= shape[i];
            }
        }
        if (open >= 0) {
            shape[open] = rest;
        }
        return shape;
    }

    static long[] squeezed(long[] shape, long[] axes) {
        return java.util.stream.IntStream.range(0, shape.length)
                .filter(i -> axes.length == 0 ? shape[i] != 1 : !contains(axes, i, shape.length))
                .mapToLong(i -> shape[i])
                .toArray();
    }

    static long[] unsqueezed(long[] shape, long[] axes) {
        int rank = shape.length + axes.length;
        long[] result = new long[rank];
        int next = 0;
        for (int i = 0; i < rank; i++) {
            result[i] = contains(axes, i, rank) ? 1 : shape[next++];
        }
        return result;
    }

    private static boolean contains(long[] axes, int place, int rank) {
        return Arrays.stream(axes).anyMatch(axis -> (axis < 0 ? axis + rank : axis) == place);
    }
}
