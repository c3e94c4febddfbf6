package pomona.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;

/** The arithmetic of shapes that several operators share. */
final class Shapes {

    private Shapes() {}

    /** The shape that all of these can be stretched to (ONNX multidirectional broadcasting). */
    static Shape broadcast(Shape... shapes) {
        int rank = Arrays.stream(shapes).mapToInt(Shape::dimension).max().orElse(0);
        long[] result = new long[rank];
        Arrays.fill(result, 1);
        for (Shape shape : shapes) {
            for (int i = 0; i < shape.dimension(); i++) {
                int at = rank - shape.dimension() + i;
                long dim = shape.get(i);
                if (dim != 1 && result[at] != 1 && dim != result[at]) {
                    throw new IllegalArgumentException("its shapes " + Arrays.toString(shapes) + " do not fit");
                }
                result[at] = dim == 1 ? result[at] : dim;
            }
        }
        return new Shape(result);
    }

    /** The product of some dimensions. */
    static long product(long[] dims, int from, int to) {
        long product = 1;
        for (int i = from; i < to; i++) {
            product *= dims[i];
        }
        return product;
    }

    /** Zeros before and after each spatial dimension, as an operator's attributes ask for them. */
    static long[] pads(Call call, long[] kernel, long[] strides, long[] dilations) {
        int n = kernel.length;
        String auto = call.node().text("auto_pad", "NOTSET");
        if (auto.equals("NOTSET")) {
            return call.node().integers("pads", new long[2 * n]);
        }
        long[] pads = new long[2 * n];
        if (auto.equals("VALID")) {
            return pads;
        }
        long[] shape = call.shape(0);
        for (int i = 0; i < n; i++) {
            long size = shape[shape.length - n + i];
            long steps = (size + strides[i] - 1) / strides[i];
            long whole = Math.max(0, (steps - 1) * strides[i] + (kernel[i] - 1) * dilations[i] + 1 - size);
            long small = whole / 2;
            pads[i] = auto.equals("SAME_LOWER") ? whole - small : small;
            pads[n + i] = whole - pads[i];
        }
        return pads;
    }

    /** The pads before each dimension when those after it are the same, else null. */
    static long[] symmetric(long[] pads) {
        int n = pads.length / 2;
        long[] before = Arrays.copyOf(pads, n);
        return Arrays.equals(before, Arrays.copyOfRange(pads, n, 2 * n)) ? before : null;
    }

    /** ONNX pads, all befores and then all afters, in the engine's order: last dimension first, before and after. */
    static Shape enginePads(long[] pads) {
        int n = pads.length / 2;
        long[] result = new long[2 * n];
        for (int i = 0; i < n; i++) {
            result[2 * i] = pads[n - 1 - i];
            result[2 * i + 1] = pads[2 * n - 1 - i];
        }
        return new Shape(result);
    }

    /** Adds elements of a value around an array, or takes elements away where a pad is negative. */
    static NDArray pad(NDArray x, long[] pads, double value) {
        int n = x.getShape().dimension();
        int skipped = n - pads.length / 2;
        NDArray result = x;
        long[] grown = new long[pads.length];
        for (int i = 0; i < pads.length / 2; i++) {
            long before = pads[i];
            long after = pads[pads.length / 2 + i];
            grown[i] = Math.max(0, before);
            grown[pads.length / 2 + i] = Math.max(0, after);
            if (before < 0 || after < 0) {
                int axis = skipped + i;
                long end = result.size(axis) + Math.min(0, after);
                result = result.get(new NDIndex().addAllDim(axis).addSliceDim(Math.max(0, -before), end));
            }
        }
        boolean grows = Arrays.stream(grown).anyMatch(pad -> pad > 0);
        return grows ? result.pad(enginePads(grown), value) : result;
    }

    static long[] ones(int n) {
        long[] ones = new long[n];
        Arrays.fill(ones, 1);
        return ones;
    }
}
