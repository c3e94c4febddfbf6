package pomona.prune;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.structure.Coupling;
import pomona.structure.UnitGroup;

/**
 * Removes channels that make no difference, so that outputs stay as they are: those that are the same number whatever is
 * fed, and those that nothing reads.
 *
 * <p>A channel whose weights are all zero still is its bias, and after a normalization its shift; that number is followed
 * through normalizations, activations, pools and sums, and what it adds to the layers after it goes into their biases.
 * A channel stays when what it adds is not the same everywhere, as at the border of a padded convolution. Best after a
 * technique that leaves whole rows of zeros, or scales of zero (Liu et al., Network Slimming, 2017, arXiv 1708.06519).
 */
public record ConstantChannelPruning() implements StructuredPass {

    /** Where a channel stands in a weight. */
    private record Place(String weight, int axis, int index) {}

    @Override
    public Outcome prune(Network network) {
        Coupling coupling = Coupling.of(network);
        ConstantReaders readers = new ConstantReaders(coupling);
        Set<Integer> needed = readers.needed();
        AxisCounts counts = new AxisCounts(coupling, List.of(), 1);
        Set<Integer> gone = new LinkedHashSet<>();
        for (UnitGroup group : coupling.groups()) {
            for (int unit : group.units()) {
                if (!needed.contains(unit) && !coupling.hasStatistics(unit) && counts.take(unit)) {
                    gone.add(unit);
                }
            }
        }
        if (gone.isEmpty()) {
            return new Outcome(network, coupling.leftAlone());
        }
        List<Place> places = places(coupling, gone);
        Coupling folded = Coupling.of(readers.fold(gone));
        List<Integer> same = places.stream()
                .map(place -> folded.channels(place.weight())[place.axis()][place.index()])
                .toList();
        return new Outcome(folded.without(same), coupling.leftAlone());
    }

    /** One place of each channel, by which it is found again after biases were changed. */
    private static List<Place> places(Coupling coupling, Set<Integer> gone) {
        Set<Integer> missing = new HashSet<>(gone);
        List<Place> places = new ArrayList<>();
        Set<String> weights = new LinkedHashSet<>();
        LayerWeight.of(coupling.network()).forEach(weight -> weights.add(weight.name()));
        coupling.groups().forEach(group -> weights.addAll(group.weights()));
        for (String weight : weights) {
            int[][] axes = coupling.channels(weight);
            for (int axis = 0; axis < axes.length; axis++) {
                for (int i = 0; axes[axis] != null && i < axes[axis].length; i++) {
                    if (missing.remove(axes[axis][i])) {
                        places.add(new Place(weight, axis, i));
                    }
                }
            }
        }
        return places;
    }
}
