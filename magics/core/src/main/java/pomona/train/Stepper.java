package pomona.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.List;

/** Moves the parameters of a block along their gradients. */
final class Stepper {

    private static final float MOMENTUM = 0.9f;
    private static final float MEAN_DECAY = 0.9f;
    private static final float VARIANCE_DECAY = 0.999f;
    private static final float EPSILON = 1e-8f;
    private static final float NO_CLIPPING = -1;

    /** A parameter with what the optimizer remembers of it. */
    private record Slot(Parameter parameter, NDArray weight, NDList state, ZeroMask mask) {}

    private final Training training;
    private final long steps;
    private final List<Slot> slots = new ArrayList<>();
    private long step;

    /**
     * @param steps all steps that will be made
     * @param manager owns what the optimizer remembers
     */
    Stepper(Training training, long steps, List<Parameter> parameters, boolean holdZeros, NDManager manager) {
        this.training = training;
        this.steps = steps;
        int memories = training.optimizer() == Descent.ADAM ? 2 : 1;
        for (Parameter parameter : parameters) {
            if (parameter.requiresGradient()) {
                NDList state = new NDList(memories);
                for (int i = 0; i < memories; i++) {
                    state.add(manager.zeros(parameter.getShape()));
                }
                slots.add(new Slot(parameter, parameter.getArray(), state, holdZeros ? ZeroMask.of(parameter) : null));
            }
        }
    }

    /** The steps made so far. */
    long done() {
        return step;
    }

    /** All steps that will be made. */
    long steps() {
        return steps;
    }

    /** Holds the weights at zero that are zero now, from here on. */
    void takeZeros() {
        slots.replaceAll(slot -> {
            if (slot.mask() != null) {
                slot.mask().close();
            }
            return new Slot(slot.parameter(), slot.weight(), slot.state(), ZeroMask.of(slot.parameter()));
        });
    }

    /** Makes one step and sets the gradients back to zero. */
    void step() {
        float rate = (float) training.schedule().rate(training.learningRate(), step, steps);
        step++;
        for (Slot slot : slots) {
            try (NDArray gradient = slot.weight().getGradient()) {
                if (slot.mask() != null) {
                    slot.mask().maskGradient(gradient);
                }
                update(slot, gradient, rate);
                if (slot.mask() != null) {
                    slot.mask().maskWeights();
                }
            }
        }
    }

    private void update(Slot slot, NDArray gradient, float rate) {
        NDList inputs = new NDList(slot.weight(), gradient);
        inputs.addAll(slot.state());
        NDList weights = new NDList(slot.weight());
        float decay = (float) training.weightDecay();
        if (training.optimizer() == Descent.SGD) {
            slot.weight().getNDArrayInternal().sgdUpdate(inputs, weights, rate, decay, 1, NO_CLIPPING, MOMENTUM, false);
            return;
        }
        double correction = Math.sqrt(1 - Math.pow(VARIANCE_DECAY, step)) / (1 - Math.pow(MEAN_DECAY, step));
        slot.weight()
                .getNDArrayInternal()
                .adamUpdate(
                        inputs,
                        weights,
                        rate,
                        (float) (rate * correction),
                        decay,
                        1,
                        NO_CLIPPING,
                        MEAN_DECAY,
                        VARIANCE_DECAY,
                        EPSILON,
                        false,
                        false);
    }
}
