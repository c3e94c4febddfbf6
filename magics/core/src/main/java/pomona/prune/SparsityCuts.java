package pomona.prune;

import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import pomona.graph.LayerWeight;
import pomona.graph.Network;

/**
 * Cuts chosen weights so that a share of them is zero: what every technique with a target sparsity does once it knows
 * how much each weight matters.
 */
final class SparsityCuts {

    /** How far a sparsity may be from that of N:M, which has no end in decimals when M is 7. */
    private static final double ROUNDED = 0.005;

    private final double sparsity;
    private final Scope scope;
    private final Selection selection;

    SparsityCuts(double sparsity, Scope scope, Selection selection) {
        this.sparsity = sparsity;
        this.scope = scope;
        this.selection = selection;
    }

    /**
     * Refuses options that contradict each other.
     *
     * @throws IllegalArgumentException if one is out of range or missing; the message says which
     */
    static void check(double sparsity, Scope scope, Selection selection) {
        if (!(sparsity >= 0 && sparsity < 1)) {
            throw new IllegalArgumentException(
                    "Sparsity " + sparsity + " is out of range; it is from 0 up to but not including 1.");
        }
        Checks.notNull(scope, "scope", "global, layer or output");
        Checks.notNull(selection, "selection", "Selection.ALL or one made of it");
        Granularity granularity = selection.granularity();
        String exact = new DecimalFormat("0.####", DecimalFormatSymbols.getInstance(Locale.ROOT))
                .format(granularity.sparsity());
        if (granularity.isSomeOfMany() && Math.abs(sparsity - granularity.sparsity()) > ROUNDED) {
            throw new IllegalArgumentException("Granularity " + granularity + " makes " + exact
                    + " of the weights zero, but sparsity is " + sparsity + "; give sparsity " + exact + ".");
        }
        if (granularity.isSomeOfMany() && !selection.targets().equals(LayerTargets.NONE)) {
            throw new IllegalArgumentException("Granularity " + granularity + " makes " + exact
                    + " of every layer zero, so layers can not have targets of their own; leave out targets.");
        }
        if (granularity.isBlock() && scope == Scope.OUTPUT) {
            throw new IllegalArgumentException(
                    "Blocks (" + granularity + ") reach over several outputs; scope is global or layer with them.");
        }
    }

    /** The network with zeros in place of the weights that matter least. */
    Network prune(Network network, Function<LayerWeight, PrunableWeight> scored) {
        PrunableWeights chosen = PrunableWeights.named(network, selection.layers());
        boolean single = selection.granularity().equals(Granularity.WEIGHT) && scope != Scope.OUTPUT;
        for (LayerWeight weight : chosen.layers()) {
            if (weight.tensor().rank() < 2 && !single) {
                throw new IllegalArgumentException("Weight " + weight.name() + " has one dimension and no outputs;"
                        + " it goes weight by weight (granularity weight), with scope global or layer.");
            }
        }
        return prune(chosen, scored);
    }

    /** The weights that may go, for techniques that measure them before they cut. */
    PrunableWeights chosen(Network network) {
        return PrunableWeights.of(network, selection.layers());
    }

    /** The network of chosen weights with zeros in place of those that matter least. */
    Network prune(PrunableWeights chosen, Function<LayerWeight, PrunableWeight> scored) {
        List<PrunableWeight> weights =
                chosen.layers().stream().map(scored).map(this::inPieces).toList();
        return chosen.apply(
                cuts(weights, selection.targets().of(chosen.network().name(), chosen.layers())));
    }

    private PrunableWeight inPieces(PrunableWeight weight) {
        return selection.granularity().isBlock() ? WeightBlocks.of(weight, selection.granularity()) : weight;
    }

    private List<Cut> cuts(List<PrunableWeight> weights, Map<String, Double> own) {
        if (selection.granularity().isSomeOfMany()) {
            return RowCut.someOf(weights, selection.granularity());
        }
        List<Cut> cuts = new ArrayList<>();
        List<PrunableWeight> together = new ArrayList<>();
        double most = Math.min(sparsity, 1 - selection.minimumKept());
        for (PrunableWeight weight : weights) {
            Double target = own.get(weight.name());
            if (target == null && scope == Scope.GLOBAL) {
                together.add(weight);
            } else {
                cuts.add(alone(weight, target == null ? most : target));
            }
        }
        cuts.addAll(globally(together));
        return cuts;
    }

    private Cut alone(PrunableWeight weight, double share) {
        return scope == Scope.OUTPUT ? RowCut.share(weight, share) : MagnitudeCut.smallest(List.of(weight), share);
    }

    /**
     * One border for all; layers that would keep too little are cut by themselves, and the others make up for it. Each
     * round fixes at least one layer, so it ends.
     */
    private List<Cut> globally(List<PrunableWeight> weights) {
        List<Cut> cuts = new ArrayList<>();
        List<PrunableWeight> free = new ArrayList<>(weights);
        long wanted = Math.round(
                sparsity * weights.stream().mapToLong(PrunableWeight::size).sum());
        while (!free.isEmpty()) {
            MagnitudeCut cut = MagnitudeCut.smallestOf(free, Math.max(0, wanted));
            Map<PrunableWeight, Long> tooLittle = selection.minimumKept() > 0 ? tooLittle(cut) : Map.of();
            if (tooLittle.isEmpty()) {
                cuts.add(cut);
                break;
            }
            for (Map.Entry<PrunableWeight, Long> entry : tooLittle.entrySet()) {
                cuts.add(MagnitudeCut.smallestOf(List.of(entry.getKey()), entry.getValue()));
                wanted -= entry.getValue();
                free.remove(entry.getKey());
            }
        }
        return cuts;
    }

    /** The layers that a cut leaves less than they must keep, with how much they may lose. */
    private Map<PrunableWeight, Long> tooLittle(MagnitudeCut cut) {
        Map<PrunableWeight, Long> found = new LinkedHashMap<>();
        long[] gone = cut.counts();
        for (int w = 0; w < gone.length; w++) {
            PrunableWeight weight = cut.weights().get(w);
            long allowed = weight.size() - (long) Math.ceil(selection.minimumKept() * weight.size());
            if (gone[w] > allowed) {
                found.put(weight, allowed);
            }
        }
        return found;
    }
}
