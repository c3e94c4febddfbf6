package pomona.quantize;

import java.util.Arrays;
import java.util.List;
import pomona.graph.Network;

/**
 * Which layers to leave in float, by measurement: a number of those that lose most, or {@code auto} for as few of them as
 * it takes; {@code slower} for those that are slower as integers; or both, such as {@code auto,slower}: of the layers that
 * are left those that are slower.
 *
 * @param count how many of those that lose most, 0 or more, and fewer than there are; -1 is {@code auto}
 * @param slower whether those that are slower as integers follow
 */
public record KeptLayers(int count, boolean slower) {

    /** All layers are quantized. */
    public static final KeptLayers NONE = new KeptLayers(0);

    /** As few layers are left in float as it takes. */
    public static final KeptLayers AUTO = new KeptLayers(-1);

    /** Layers are left in float that are slower as integers on this machine. */
    public static final KeptLayers SLOWER = new KeptLayers(0, true);

    private static final String AUTO_TEXT = "auto";
    private static final String SLOWER_TEXT = "slower";

    public KeptLayers {
        if (count < -1) {
            throw notUnderstood(Integer.toString(count));
        }
    }

    /** A number of layers that lose most. */
    public KeptLayers(int count) {
        this(count, false);
    }

    /**
     * Reads what {@link #toString} writes.
     *
     * @throws IllegalArgumentException if the text is neither {@code auto} nor a number of 0 or more, nor {@code slower},
     *     nor one of those and {@code slower} after a comma
     */
    public static KeptLayers parse(String text) {
        List<String> parts =
                Arrays.stream(text.split(",", -1)).map(String::strip).toList();
        boolean slower = parts.get(parts.size() - 1).equals(SLOWER_TEXT);
        List<String> counts = slower ? parts.subList(0, parts.size() - 1) : parts;
        if (counts.isEmpty()) {
            return SLOWER;
        }
        String count = counts.get(0);
        if (counts.size() > 1 || !count.matches(AUTO_TEXT + "|[0-9]{1,6}")) {
            throw notUnderstood(text);
        }
        return new KeptLayers(count.equals(AUTO_TEXT) ? -1 : Integer.parseInt(count), slower);
    }

    private static IllegalArgumentException notUnderstood(String text) {
        return new IllegalArgumentException("Option keep-float is " + text
                + ", but it is auto, slower or a number of layers, 0 or more, or such as auto,slower; layers with names are"
                + " left in float by option layers, such as *, !conv1.");
    }

    /**
     * Refuses a number that leaves no layer to quantize.
     *
     * @param layers how many layers there are
     */
    void refuseAll(Network network, int layers) {
        if (count >= layers) {
            throw new IllegalArgumentException("Option keep-float is " + count + ", but network " + network.name()
                    + " has " + layers + (layers == 1 ? " layer" : " layers")
                    + " to quantize, so that none would be; it is "
                    + (layers == 1 ? "0." : "at most " + (layers - 1) + ", or auto."));
        }
    }

    /** Whether the number is to be found. */
    public boolean isAuto() {
        return count == -1;
    }

    /** Whether no layer is looked for. */
    boolean isNone() {
        return count == 0 && !slower;
    }

    @Override
    public String toString() {
        String losing = isAuto() ? AUTO_TEXT : Integer.toString(count);
        return !slower ? losing : count == 0 ? SLOWER_TEXT : losing + "," + SLOWER_TEXT;
    }
}
