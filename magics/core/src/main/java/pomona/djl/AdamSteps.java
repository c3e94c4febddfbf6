package pomona.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;

/**
 * The optimizer Adam (Kingma and Ba 2015, arXiv 1412.6980, algorithm 1), as one call of the engine for all weights.
 *
 * <p>Each weight is read and written once in a step, with beta 0.9 and 0.999 and epsilon 1e-8.
 */
public final class AdamSteps {

    private static final double MEAN_DECAY = 0.9;
    private static final double VARIANCE_DECAY = 0.999;
    private static final double EPSILON = 1e-8;
    private static final String TEXT = """
            steps = annotate(List[Tensor], [])
            for i in range(len(l0)):
              steps.append({0})
            none = annotate(List[Tensor], [])
            torch._fused_adam_(l0, l1, l2, l3, none, steps, lr={1}, beta1={}, beta2={}, weight_decay={}, eps={}, \
            amsgrad=False, maximize=False)
            torch._foreach_zero_(l1)
            return {0}
            """;

    private final List<NDArray> weights;
    private final double weightDecay;
    private final NDList means = new NDList();
    private final NDList variances = new NDList();
    private final NDArray step;
    private final NDArray rate;

    /**
     * @param weights what is learned; each stays its owner's
     * @param weightDecay how much of a weight is added to its gradient, 0 or more
     * @param manager owns what the optimizer remembers
     */
    public AdamSteps(List<NDArray> weights, double weightDecay, NDManager manager) {
        this.weights = List.copyOf(weights);
        this.weightDecay = weightDecay;
        for (NDArray weight : weights) {
            means.add(manager.zeros(weight.getShape()));
            variances.add(manager.zeros(weight.getShape()));
        }
        this.step = manager.zeros(new Shape());
        this.rate = manager.zeros(new Shape());
    }

    /**
     * Makes one step and sets the gradients to zero.
     *
     * @param gradients the gradients of the weights, in their order
     * @param learningRate the size of the step, 0 or more
     */
    public void step(List<NDArray> gradients, double learningRate) {
        if (weights.isEmpty()) {
            return;
        }
        step.addi(1);
        rate.muli(0).addi(learningRate);
        // Handles of their own, since a name means something to the call, and the weights' names must stay.
        try (NDList handles = new NDList()) {
            weights.forEach(weight -> handles.add(weight.reshape(weight.getShape())));
            TorchFunction.change(
                    TEXT,
                    List.of(handles, new NDList(gradients), means, variances),
                    new NDArray[] {step, rate},
                    MEAN_DECAY,
                    VARIANCE_DECAY,
                    weightDecay,
                    EPSILON);
        }
    }
}
