package pomona.quantize;

import pomona.pass.LayerPattern;

/**
 * The layers whose activations get 16 bits in a network of 8: by name, or found by measurement as those that lose most.
 *
 * @param layers names of weights or operators as everywhere; none when empty. {@code auto} is as few layers as it takes
 *     until the outputs are good, and a number is that many
 */
public record SixteenBitLayers(String layers) {

    /** No layer gets more than the others. */
    public static final SixteenBitLayers NONE = new SixteenBitLayers("");

    /** As few layers as it takes. */
    public static final SixteenBitLayers AUTO = new SixteenBitLayers("auto");

    public SixteenBitLayers {
        layers = layers == null ? "" : layers.strip();
    }

    /** Reads what {@link #toString} writes. */
    public static SixteenBitLayers parse(String text) {
        return text.strip().equals("none") ? NONE : new SixteenBitLayers(text);
    }

    /** Whether there are any. */
    boolean isAny() {
        return !layers.isEmpty() && !layers.matches("0{1,6}");
    }

    /** Whether they are found by measurement. */
    boolean isMeasured() {
        return isAny() && (layers.equals("auto") || layers.matches("[0-9]{1,6}"));
    }

    /** How many are to be found. */
    KeptLayers count() {
        return KeptLayers.parse(layers);
    }

    /** The names of those that are told by name. */
    LayerPattern pattern() {
        return new LayerPattern(layers);
    }

    @Override
    public String toString() {
        return layers.isEmpty() ? "none" : layers;
    }
}
