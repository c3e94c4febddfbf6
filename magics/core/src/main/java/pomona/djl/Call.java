package pomona.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.util.List;
import java.util.Map;
import pomona.graph.Attribute;
import pomona.graph.Graph;
import pomona.graph.Node;
import pomona.graph.Tensor;

/** One operator of a graph together with the arrays it is to be computed on. */
final class Call {

    private final Node node;
    private final Frame frame;
    private final Map<String, Plan> subplans;
    private final NDArray[] inputs;
    private final Tensor[] constants;

    /**
     * @param frame the values of the graph that the operator is in
     * @param subplans the operator's sub-graphs by attribute
     * @param inputs the arrays, null where an optional input is left out
     * @param constants the same as plain data, where an input is a constant, else null
     */
    Call(Node node, Frame frame, Map<String, Plan> subplans, NDArray[] inputs, Tensor[] constants) {
        this.node = node;
        this.frame = frame;
        this.subplans = subplans;
        this.inputs = inputs;
        this.constants = constants;
    }

    Node node() {
        return node;
    }

    /** The version of the standard operator set. */
    long opset() {
        return frame.run().opset();
    }

    /** Whether dropout drops and batch normalization takes the statistics of the batch. */
    boolean training() {
        return frame.run().training();
    }

    /** Owns everything that is made during the call. */
    NDManager manager() {
        return frame.run().scope();
    }

    int count() {
        return inputs.length;
    }

    boolean has(int index) {
        return index >= 0 && index < inputs.length && inputs[index] != null;
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

    /** The numbers of an input such as scales. */
    double[] numbers(int index) {
        NDArray array = in(index).toType(DataType.FLOAT64, false);
        return array.toDoubleArray();
    }

    /** An attribute of numbers; empty when it is not set. */
    double[] reals(String attribute) {
        return node.attributes().get(attribute) instanceof Attribute.Reals reals
                ? reals.values().stream().mapToDouble(Float::doubleValue).toArray()
                : new double[0];
    }

    /** An integer attribute that names an axis, counted from the front. */
    int axis(String attribute, long defaultValue, int rank) {
        long axis = node.integer(attribute, defaultValue);
        return Math.toIntExact(axis < 0 ? axis + rank : axis);
    }

    /**
     * Axes, counted from the front: an attribute in old operator sets, an input since then.
     *
     * @param input the input they may come from, or -1 when they are an attribute in every set
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

    /** Whether the output at that place is asked for. */
    boolean wants(int output) {
        return output < node.outputs().size() && !node.outputs().get(output).isEmpty();
    }

    /** A TorchScript function of this operator's inputs; see {@link TorchFunction}. */
    NDArray torch(String text, Object... literals) {
        return TorchFunction.one(text, inputs, literals);
    }

    /** A TorchScript function of other arrays. */
    NDArray torchOf(NDArray[] arrays, String text, Object... literals) {
        return TorchFunction.one(text, arrays, literals);
    }

    /** A TorchScript function of this operator's inputs that gives a list of arrays. */
    NDList torchAll(String text, Object... literals) {
        return TorchFunction.list(text, inputs, literals);
    }

    /** Runs the sub-graph of that attribute on arrays for its inputs. */
    NDList run(String attribute, NDList arguments) {
        Plan plan = subplans.get(attribute);
        Frame inner = new Frame(frame.run(), plan, frame);
        for (int i = 0; i < arguments.size(); i++) {
            inner.put(plan.graph().inputs().get(i).name(), frame.alias(arguments.get(i)));
        }
        return plan.run(inner);
    }

    /** The sub-graph of that attribute. */
    Graph subgraph(String attribute) {
        return subplans.get(attribute).graph();
    }
}
