package pomona.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.graph.Value;

/** A network made ready to be computed on arrays. */
final class Execution {

    private final Network network;
    private final Plan plan;

    /**
     * @throws IllegalArgumentException if the network does not run on the training engine; the message says why
     */
    Execution(Network network) {
        this.network = network;
        if (network.opset() > Operators.LATEST_OPSET) {
            throw refused("it is written in operator set " + network.opset() + ", and the latest that is known is "
                    + Operators.LATEST_OPSET);
        }
        for (Value input : network.signature().inputs()) {
            if (input.type() == null && input.opaque().isEmpty()) {
                continue;
            }
            if (input.type() == null) {
                throw refused("its input " + input.name() + " is not a tensor");
            }
            if (!Tensors.isInPyTorch(input.type())) {
                throw refused("its input " + input.name() + " is of type "
                        + input.type().name().toLowerCase(Locale.ROOT) + "; " + Tensors.PYTORCH_TYPES);
            }
        }
        this.plan = new Plan(network.name(), network.graph());
    }

    /** The constants that some operator takes, weights and Constant nodes alike. */
    Map<String, Tensor> constants() {
        return plan.constants();
    }

    /**
     * Runs the network.
     *
     * @param inputs the arrays of the network's inputs, in order
     * @param arrays gives the array of a constant
     * @param training whether dropout drops and batch normalization takes the statistics of the batch
     * @return the outputs, in order, owned by the inputs' manager
     */
    NDList run(NDList inputs, Function<String, NDArray> arrays, boolean training, NDManager owner) {
        try (NDManager scope = owner.newSubManager()) {
            Frame.Run run = new Frame.Run(network.name(), network.opset(), training, scope, arrays);
            Frame frame = new Frame(run, plan, null);
            List<Value> declared = network.signature().inputs();
            for (int i = 0; i < declared.size(); i++) {
                frame.put(declared.get(i).name(), frame.alias(inputs.get(i)));
            }
            NDList outputs = plan.run(frame);
            for (int i = 0; i < outputs.size(); i++) {
                outputs.get(i).attach(owner);
                outputs.get(i).setName(network.signature().outputs().get(i).name());
            }
            return outputs;
        }
    }

    private IllegalArgumentException refused(String reason) {
        return new IllegalArgumentException("Network " + network.name() + " can not be trained: " + reason + ".");
    }
}
