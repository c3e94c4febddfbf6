package pomona.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import pomona.djl.AdamSteps;

/** Moves the parameters of a block along their gradients. */
final class Stepper {

    private static final float MOMENTUM = 0.9f;
    private static final float NO_CLIPPING = -1;

    /** A parameter with what the optimizer remembers of it, and the places that stay zero. */
    private record Slot(Parameter parameter, NDArray weight, NDArray momentum, ZeroMask mask) {}

    private final Training training;
    private final long steps;
    private final boolean holdZeros;
    private final List<Slot> slots = new ArrayList<>();
    private final AdamSteps adam;
    private long step;

    /**
     * @param steps all steps that will be made
     * @param manager owns what the optimizer remembers
     */
    Stepper(Training training, long steps, List<Parameter> parameters, boolean holdZeros, NDManager manager) {
        this.training = training;
        this.steps = steps;
        this.holdZeros = holdZeros;
        boolean remembers = training.optimizer() == Descent.SGD;
        for (Parameter parameter : parameters) {
            if (parameter.requiresGradient()) {
                NDArray momentum = remembers ? manager.zeros(parameter.getShape()) : null;
                slots.add(
                        new Slot(parameter, parameter.getArray(), momentum, holdZeros ? ZeroMask.of(parameter) : null));
            }
        }
        List<NDArray> weights = slots.stream().map(Slot::weight).toList();
        this.adam = remembers ? null : new AdamSteps(weights, training.weightDecay(), manager);
    }

    /** The steps made so far. */
    long done() {
        return step;
    }

    /** All steps that will be made. */
    long steps() {
        return steps;
    }

    /** Holds what is zero now of these weights at zero, from here on; unless zeros are not held at all. */
    void takeZeros(Set<String> weights) {
        slots.replaceAll(slot -> {
            if (!holdZeros || !weights.contains(slot.parameter().getName())) {
                return slot;
            }
            if (slot.mask() != null) {
                slot.mask().close();
            }
            return new Slot(slot.parameter(), slot.weight(), slot.momentum(), ZeroMask.of(slot.parameter()));
        });
    }

    /** Makes one step and sets the gradients back to zero. */
    void step() {
        double rate = training.schedule().rate(training.learningRate(), step, steps);
        step++;
        List<NDArray> gradients = new ArrayList<>();
        try {
            for (Slot slot : slots) {
                NDArray gradient = slot.weight().getGradient();
                gradients.add(gradient);
                if (slot.mask() != null) {
                    slot.mask().maskGradient(gradient);
                }
            }
            if (adam != null) {
                adam.step(gradients, rate);
            } else {
                descend(gradients, (float) rate);
            }
        } finally {
            gradients.forEach(NDArray::close);
        }
        for (Slot slot : slots) {
            if (slot.mask() != null) {
                slot.mask().maskWeights();
            }
        }
    }

    private void descend(List<NDArray> gradients, float rate) {
        float decay = (float) training.weightDecay();
        for (int i = 0; i < slots.size(); i++) {
            Slot slot = slots.get(i);
            NDList inputs = new NDList(slot.weight(), gradients.get(i), slot.momentum());
            slot.weight()
                    .getNDArrayInternal()
                    .sgdUpdate(inputs, new NDList(slot.weight()), rate, decay, 1, NO_CLIPPING, MOMENTUM, false);
        }
    }
}
