package pomona.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.util.List;
import pomona.graph.Node;
import pomona.graph.Tensor;

/** One operator of a graph together with the arrays it is to be computed on. */
final class Call {

    private final Node node;
    private final long opset;
    private final boolean training;
    private final NDManager manager;
    private final NDArray[] inputs;
    private final Tensor[] constants;

    /**
     * @param opset the version of the standard operator set
     * @param training whether dropout drops and batch normalization takes the statistics of the batch
     * @param manager owns everything that is made during the call
     * @param inputs the arrays, null where an optional input is left out
     * @param constants the same as plain data, where an input is a constant, else null
     */
    Call(Node node, long opset, boolean training, NDManager manager, NDArray[] inputs, Tensor[] constants) {
        this.node = node;
        this.opset = opset;
        this.training = training;
        this.manager = manager;
        this.inputs = inputs;
        this.constants = constants;
    }

    Node node() {
        return node;
    }

    long opset() {
        return opset;
    }

    boolean training() {
        return training;
    }

    NDManager manager() {
        return manager;
    }

    int count() {
        return inputs.length;
    }

    boolean has(int index) {
        return index < inputs.length && inputs[index] != null;
    }

    /** The input at that place, which the operator can not do without. */
    NDArray in(int index) {
        if (!has(index)) {
            throw new IllegalArgumentException("its input " + index + " is missing");
        }
        return inputs[index];
    }

    /** The input at that place, or null when it is left out. */
    NDArray optional(int index) {
        return has(index) ? inputs[index] : null;
    }

    NDList all() {
        return new NDList(inputs);
    }

    int rank(int index) {
        return in(index).getShape().dimension();
    }

    long[] shape(int index) {
        return in(index).getShape().getShape();
    }

    /** The integers of an input such as axes or a shape. */
    long[] longs(int index) {
        if (constants[index] != null) {
            return constants[index].toLongArray();
        }
        NDArray array = in(index);
        return array.toType(DataType.INT64, false).toLongArray();
    }

    /** The single number of an input such as a limit or a ratio, or the default when it is left out. */
    float number(int index, float defaultValue) {
        if (!has(index)) {
            return defaultValue;
        }
        return constants[index] != null
                ? constants[index].toFloatArray()[0]
                : in(index).toType(DataType.FLOAT32, false).toFloatArray()[0];
    }

    /** An integer attribute that names an axis, counted from the front. */
    int axis(String attribute, long defaultValue, int rank) {
        long axis = node.integer(attribute, defaultValue);
        return Math.toIntExact(axis < 0 ? axis + rank : axis);
    }

    /**
     * Axes, counted from the front: an attribute in old operator sets, an input since then.
     *
     * @return the axes, or null when none are given
     */
    int[] axes(int input, int rank) {
        long[] axes = has(input) ? longs(input) : node.integers("axes", (long[]) null);
        if (axes == null) {
            return null;
        }
        int[] result = new int[axes.length];
        for (int i = 0; i < axes.length; i++) {
            result[i] = Math.toIntExact(axes[i] < 0 ? axes[i] + rank : axes[i]);
        }
        return result;
    }

    List<String> outputs() {
        return node.outputs();
    }
}
