package pomona.structure;

import java.util.List;

/**
 * Channels that stand side by side: the outputs of one layer, or of several layers that are coupled.
 *
 * @param layers the names of the layers that make the channels, in the order of the operators
 * @param weights the names of those layers' weights
 * @param units the numbers of the channels that may go, each with all that goes with it
 * @param size how many channels there are in all, those that must stay included
 * @param heads whether each of them is a whole attention head
 */
public record UnitGroup(List<String> layers, List<String> weights, List<Integer> units, int size, boolean heads) {

    public UnitGroup {
        layers = List.copyOf(layers);
        weights = List.copyOf(weights);
        units = List.copyOf(units);
    }
}
