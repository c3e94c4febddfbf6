package pomona.quantize;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.Function;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.pass.Progress;

/**
 * Finds the layers that lose most when they are quantized, by quantizing each alone and comparing the network's outputs
 * with those of the network of floats.
 *
 * @param network the network of floats
 * @param quantize makes the network in which exactly some layers are quantized
 * @param data records to compare on
 * @param records how many of them
 */
record FloatLayerSearch(
        Network network, Function<List<LayerWeight>, Network> quantize, RandomAccessDataset data, long records) {

    /** Enough records for the order of layers; each layer is measured on all of them. */
    static final int MOST_RECORDS = 8;

    /** With {@code auto} layers are left in float until the noise of the outputs is below this: 20 dB. */
    private static final double GOOD = 0.01;

    /** Where that is out of reach, this share of the decibels that half of the layers would gain is enough. */
    private static final double ENOUGH = 0.75;

    /**
     * The layers to quantize: all but those to leave in float because they lose most.
     *
     * @param candidates layers that can be quantized
     * @param kept how many to leave in float
     */
    List<LayerWeight> quantized(List<LayerWeight> candidates, KeptLayers kept) {
        if (kept.count() == 0) {
            return candidates;
        }
        OutputNoise noise = new OutputNoise(network, data, Math.min(records, MOST_RECORDS));
        double all = kept.isAuto() ? noise.of(quantize.apply(candidates)) : Double.NaN;
        if (all <= GOOD) {
            return candidates;
        }
        List<LayerWeight> worstFirst = worstFirst(candidates, noise);
        int count = kept.isAuto() ? fewest(all, candidates, worstFirst, noise) : kept.count();
        return without(candidates, worstFirst, count);
    }

    private List<LayerWeight> worstFirst(List<LayerWeight> candidates, OutputNoise noise) {
        Map<LayerWeight, Double> alone = new HashMap<>();
        try (Progress progress = Progress.start("measure layers of " + network.name(), candidates.size())) {
            for (LayerWeight layer : candidates) {
                if (Thread.interrupted()) {
                    throw new CancellationException("The measurement of layers of network " + network.name()
                            + " was interrupted; the network is as it was.");
                }
                alone.put(layer, noise.of(quantize.apply(List.of(layer))));
                progress.advance(1, layer.layer());
            }
        }
        List<LayerWeight> sorted = new ArrayList<>(candidates);
        sorted.sort(Comparator.comparing(alone::get).reversed());
        return sorted;
    }

    /** The fewest layers to leave in float, up to half of them, for good outputs, or for most of what half would gain. */
    private int fewest(double all, List<LayerWeight> candidates, List<LayerWeight> worstFirst, OutputNoise noise) {
        int enough = Math.max(1, candidates.size() / 2);
        double half = noise.of(quantize.apply(without(candidates, worstFirst, enough)));
        double goal = Math.max(GOOD, Math.pow(all, 1 - ENOUGH) * Math.pow(half, ENOUGH));
        int tooFew = 0;
        while (enough - tooFew > 1) {
            int middle = (tooFew + enough) / 2;
            if (noise.of(quantize.apply(without(candidates, worstFirst, middle))) <= goal) {
                enough = middle;
            } else {
                tooFew = middle;
            }
        }
        return enough;
    }

    private static List<LayerWeight> without(List<LayerWeight> candidates, List<LayerWeight> worstFirst, int count) {
        Set<LayerWeight> left = new HashSet<>(worstFirst.subList(0, Math.min(count, worstFirst.size())));
        return candidates.stream().filter(layer -> !left.contains(layer)).toList();
    }
}
