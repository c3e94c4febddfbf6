package pomona.quantize;

import java.util.Map;
import pomona.graph.Network;
import pomona.graph.Step;

/**
 * How many bits a quantization asked for where the numbers that are stored do not show it: integers may use fewer than they
 * have, and rounded weights may be stored as floats.
 *
 * @param trained bits of weights that were trained as integers; 0 when none were
 * @param rounded bits of weights that were rounded and stay floats; 0 when none were
 */
record AskedBits(int trained, int rounded) {

    private static final String BITS = "bits";

    /** What the steps that a network has more than another one asked for. */
    static AskedBits of(Network before, Network after) {
        int trained = 0;
        int rounded = 0;
        for (Step step : after.provenance()) {
            if (before.provenance().contains(step)) {
                continue;
            }
            int bits = number(step.options());
            trained = step.name().equals(QuantizationAwareTraining.class.getSimpleName()) ? bits : trained;
            rounded = step.name().equals(AdaptiveRounding.class.getSimpleName()) ? bits : rounded;
        }
        return new AskedBits(trained, rounded);
    }

    private static int number(Map<String, String> options) {
        String text = options.getOrDefault(BITS, "");
        return text.matches("[1-9]") ? Integer.parseInt(text) : 0;
    }

    /**
     * A layer with the bits that were asked for.
     *
     * @param changed whether its weight is another one than it was
     */
    QuantizedLayer of(QuantizedLayer layer, boolean changed) {
        WeightCode code = layer.code();
        boolean fewer = code.bits() > 0
                && code.bits() < trained
                && trained <= layer.weight().bits();
        if (fewer && code.block() == 0) {
            return layer.withCode(new WeightCode(trained, 0, 0));
        }
        boolean floats = !layer.isQuantized() && layer.activation() == null;
        return floats && changed && rounded > 0 ? layer.withCode(new WeightCode(rounded, 0, 0)) : layer;
    }
}
