package pomona.quantize;

import java.util.List;
import java.util.Locale;
import pomona.graph.Network;

/**
 * What a search for a mix of precisions found, and what it measured on the way.
 *
 * @param network the network that was chosen
 * @param floats the network as it was
 * @param chosen what was measured of the chosen one
 * @param trials all networks that were measured, in the order of the search
 * @param layers what each layer costs when it alone is quantized, scheme by scheme
 * @param inFloat the weights of layers that could be quantized and stayed in float
 */
public record MixedPrecision(
        Network network, Trial floats, Trial chosen, List<Trial> trials, List<LayerCost> layers, List<String> inFloat) {

    public MixedPrecision {
        trials = List.copyOf(trials);
        layers = List.copyOf(layers);
        inFloat = List.copyOf(inFloat);
    }

    /**
     * One network that was measured.
     *
     * @param scheme how its layers are quantized; null for the network of floats
     * @param quantized how many layers are
     * @param error wrong answers of a hundred on the validation data
     * @param bytes the size of the file
     * @param micros the median time of a run at batch 1, in microseconds; NaN when it was not timed
     * @param withinBudget whether the error may be chosen
     */
    public record Trial(
            LayerScheme scheme, int quantized, double error, long bytes, double micros, boolean withinBudget) {}

    /**
     * What one layer alone costs.
     *
     * @param layer its weight
     * @param scheme how it was quantized
     * @param cost the rise of the error in points; or of the loss, as the curvature predicts it
     * @param noise the power of the outputs' noise beside that of the outputs, when this layer alone is quantized
     */
    public record LayerCost(String layer, LayerScheme scheme, double cost, double noise) {}

    /** How many times as fast as the network of floats; under 1 is slower, NaN when not timed. */
    public double speedup() {
        return floats.micros() / chosen.micros();
    }

    /** One line: how many layers are quantized, and what time and size became of it. */
    public String summary() {
        if (chosen.scheme() == null) {
            return "floats: no mix within the budget is better";
        }
        double factor = speedup();
        String speed = factor >= 1
                ? String.format(Locale.ROOT, "%.2f times as fast", factor)
                : String.format(Locale.ROOT, "slower: %.2f times as fast", factor);
        return String.format(
                Locale.ROOT,
                "%d of %d layers %s, %s, %,d bytes of %,d",
                chosen.quantized(),
                chosen.quantized() + inFloat.size(),
                chosen.scheme(),
                speed,
                chosen.bytes(),
                floats.bytes());
    }
}
