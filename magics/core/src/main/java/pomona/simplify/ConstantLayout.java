package pomona.simplify;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import pomona.graph.Node;
import pomona.graph.Tensor;

/** Works out operators that only lay out the elements of a constant in another way. */
final class ConstantLayout {

    private ConstantLayout() {}

    /** The constant that the operator makes, or null when it is none of these or its inputs are not constant. */
    static Tensor fold(Node node, Map<String, Tensor> constants, long opset) {
        Tensor in = node.inputs().isEmpty() ? null : constants.get(node.input(0));
        if (in == null || !node.domain().isEmpty() || in.type().bits() < 8) {
            return null;
        }
        return switch (node.op()) {
            case "Identity" -> in;
            case "Transpose" -> transpose(in, node.integers("perm"));
            case "Reshape" -> reshape(node, in, constants.get(node.input(1)));
            case "Squeeze" -> squeeze(in, axes(node, constants, opset));
            case "Unsqueeze" -> unsqueeze(in, axes(node, constants, opset));
            default -> null;
        };
    }

    /** Axes are an attribute up to operator set 12 and an input from 13 on. */
    private static long[] axes(Node node, Map<String, Tensor> constants, long opset) {
        if (opset < 13 || !node.hasInput(1)) {
            return node.integers("axes");
        }
        Tensor axes = constants.get(node.input(1));
        return axes == null ? null : axes.toLongArray();
    }

    static Tensor transpose(Tensor in, long[] permutation) {
        int rank = in.rank();
        int[] perm = new int[rank];
        for (int i = 0; i < rank; i++) {
            perm[i] = permutation.length == 0 ? rank - 1 - i : Math.toIntExact(permutation[i]);
        }
        long[] shape = new long[rank];
        long[] strides = new long[rank];
        for (int i = 0; i < rank; i++) {
            shape[i] = in.dim(perm[i]);
            strides[i] = 1;
            for (int j = perm[i] + 1; j < rank; j++) {
                strides[i] *= in.dim(j);
            }
        }
        int width = in.type().bits() / 8;
        ByteBuffer source = in.data();
        ByteBuffer target = ByteBuffer.allocate(source.remaining()).order(ByteOrder.LITTLE_ENDIAN);
        long[] index = new long[rank];
        for (long element = 0; element < in.size(); element++) {
            long from = 0;
            for (int i = 0; i < rank; i++) {
                from += index[i] * strides[i];
            }
            for (int b = 0; b < width; b++) {
                target.put(source.get(Math.toIntExact(from * width + b)));
            }
            for (int i = rank - 1; i >= 0 && ++index[i] == shape[i]; i--) {
                index[i] = 0;
            }
        }
        return Tensor.of(in.type(), target.flip(), shape);
    }

    private static Tensor reshape(Node node, Tensor in, Tensor target) {
        if (target == null) {
            return null;
        }
        long[] shape = target.toLongArray();
        long rest = in.size();
        int open = -1;
        for (int i = 0; i < shape.length; i++) {
            if (shape[i] == 0 && node.integer("allowzero", 0) == 0) {
                shape[i] = in.dim(i);
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
        return in.reshape(shape);
    }

    private static Tensor squeeze(Tensor in, long[] axes) {
        if (axes == null) {
            return null;
        }
        List<Long> shape = new ArrayList<>();
        for (int i = 0; i < in.rank(); i++) {
            boolean gone = axes.length == 0 && in.dim(i) == 1;
            for (long axis : axes) {
                gone |= (axis < 0 ? axis + in.rank() : axis) == i;
            }
            if (!gone) {
                shape.add(in.dim(i));
            }
        }
        return in.reshape(shape.stream().mapToLong(Long::longValue).toArray());
    }

    private static Tensor unsqueeze(Tensor in, long[] axes) {
        if (axes == null || axes.length == 0) {
            return null;
        }
        int rank = in.rank() + axes.length;
        long[] shape = new long[rank];
        for (long axis : axes) {
            shape[Math.toIntExact(axis < 0 ? axis + rank : axis)] = 1;
        }
        int next = 0;
        for (int i = 0; i < rank; i++) {
            if (shape[i] == 0) {
                shape[i] = in.dim(next++);
            }
        }
        return in.reshape(shape);
    }
}
