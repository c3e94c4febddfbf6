package pomona.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.function.Function;

/** Computes one ONNX operator on arrays, so that gradients flow through it. */
@FunctionalInterface
interface Operator {

    /** The outputs, in the node's order; those at the end that nobody takes may be left out. */
    NDList apply(Call call);

    /** An operator with one output. */
    static Operator of(Function<Call, NDArray> function) {
        return call -> new NDList(function.apply(call));
    }

    /** An operator with one input and one output. */
    static Operator unary(Function<NDArray, NDArray> function) {
        return call -> new NDList(function.apply(call.in(0)));
    }

    /** An operator with one output that is a TorchScript function of its inputs; see {@link TorchFunction}. */
    static Operator torch(String text) {
        return call -> new NDList(call.torch(text));
    }
}
