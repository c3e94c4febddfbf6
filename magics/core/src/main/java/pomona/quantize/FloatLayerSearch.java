package pomona.quantize;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.Function;
import pomona.evaluate.MeasuredRecords;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.pass.Progress;

/**
 * Finds the layers that lose most when they are quantized, by quantizing each alone and comparing the network's outputs
 * with those of the network of floats.
 *
 * @param network the network of floats
 * @param quantize makes the network in which exactly some layers are quantized
 * @param records records to compare on
 * @param spared what becomes of the layers that are found: left in float, or given 16 bits
 */
record FloatLayerSearch(
        Network network, Function<List<LayerWeight>, Network> quantize, MeasuredRecords records, String spared) {

    /**
     * What was found.
     *
     * @param quantized the layers to quantize as others
     * @param search what decided
     */
    record Found(List<LayerWeight> quantized, LayerSearch search) {}

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
    Found quantized(List<LayerWeight> candidates, KeptLayers kept) {
        if (kept.count() == 0) {
            return new Found(candidates, LayerSearch.NONE);
        }
        OutputNoise noise = new OutputNoise(network, records.head(MOST_RECORDS));
        double all = kept.isAuto() ? noise.of(quantize.apply(candidates)) : Double.NaN;
        if (all <= GOOD) {
            String verdict = String.format(
                    Locale.ROOT,
                    "No layer needs to be %s: with all layers quantized the outputs' signal-to-noise ratio is %.1f dB, and %.0f dB are"
                            + " enough.",
                    spared,
                    SignalToNoise.decibels(1, all),
                    SignalToNoise.decibels(1, GOOD));
            return new Found(candidates, new LayerSearch(verdict, Map.of(), List.of()));
        }
        Map<LayerWeight, Double> alone = alone(candidates, noise);
        List<LayerWeight> worstFirst = new ArrayList<>(candidates);
        worstFirst.sort(Comparator.comparing(alone::get).reversed());
        int count = kept.isAuto() ? fewest(all, candidates, worstFirst, noise) : kept.count();
        List<LayerWeight> quantized = without(candidates, worstFirst, count);
        return new Found(quantized, search(candidates, quantized, alone, all, noise));
    }

    private LayerSearch search(
            List<LayerWeight> candidates,
            List<LayerWeight> quantized,
            Map<LayerWeight, Double> alone,
            double all,
            OutputNoise noise) {
        Map<String, Double> decibels = new LinkedHashMap<>();
        candidates.forEach(layer -> decibels.put(layer.layer(), SignalToNoise.decibels(1, alone.get(layer))));
        int count = candidates.size() - quantized.size();
        String verdict = count + " of " + candidates.size() + (count == 1 ? " layers is " : " layers are ") + spared
                + (Double.isNaN(all)
                        ? ": " + (count == 1 ? "it loses" : "they lose") + " most."
                        : String.format(
                                Locale.ROOT,
                                ": the outputs' signal-to-noise ratio is %.1f dB, and was %.1f dB with all layers"
                                        + " quantized.",
                                SignalToNoise.decibels(1, noise.of(quantize.apply(quantized))),
                                SignalToNoise.decibels(1, all)));
        return new LayerSearch(verdict, decibels, List.of());
    }

    /** The noise of the outputs when a layer alone is quantized. */
    private Map<LayerWeight, Double> alone(List<LayerWeight> candidates, OutputNoise noise) {
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
        return alone;
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
