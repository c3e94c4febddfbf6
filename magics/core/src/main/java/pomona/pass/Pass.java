package pomona.pass;

import java.util.function.UnaryOperator;
import pomona.graph.Network;
import pomona.graph.Step;

/**
 * A technique that makes a network out of a network. Every technique is one record that implements this interface:
 * its components are its options, its compact constructor checks them.
 *
 * <p>A pass never changes its input, and when it fails it fails before anything is made.
 */
public interface Pass extends UnaryOperator<Network> {

    /**
     * Does the work, without regard to provenance; callers use {@link #apply}.
     *
     * @throws IllegalArgumentException if the network has something this technique can not handle; the message names
     *     the node and the reason
     */
    Network transform(Network network);

    /** Applies this technique and adds it to the provenance of the result. */
    @Override
    default Network apply(Network network) {
        return transform(network).withStep(step());
    }

    /** This technique and its options as a step of provenance. */
    default Step step() {
        return new Step(getClass().getSimpleName(), PassOption.describeAll(this));
    }
}
