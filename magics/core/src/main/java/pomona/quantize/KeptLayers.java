package pomona.quantize;

/**
 * Which layers to leave in float, by measurement: a number of those that lose most, {@code auto} for as few of them as it
 * takes, or {@code slower} for those that are slower as integers.
 *
 * @param count how many, 0 or more; -1 is {@code auto}, -2 is {@code slower}
 */
public record KeptLayers(int count) {

    /** All layers are quantized. */
    public static final KeptLayers NONE = new KeptLayers(0);

    /** As few layers are left in float as it takes. */
    public static final KeptLayers AUTO = new KeptLayers(-1);

    /** Layers are left in float that are slower as integers on this machine. */
    public static final KeptLayers SLOWER = new KeptLayers(-2);

    public KeptLayers {
        if (count < -2) {
            throw new IllegalArgumentException(
                    "Option keep-float is " + count + ", but it is auto, slower or a number of layers, 0 or more.");
        }
    }

    /**
     * Reads what {@link #toString} writes.
     *
     * @throws IllegalArgumentException if the text is neither {@code auto}, {@code slower} nor a number of 0 or more
     */
    public static KeptLayers parse(String text) {
        if (text.strip().equals("auto")) {
            return AUTO;
        }
        if (text.strip().equals("slower")) {
            return SLOWER;
        }
        if (!text.strip().matches("[0-9]{1,6}")) {
            throw new IllegalArgumentException(
                    "Option keep-float is " + text + ", but it is auto, slower or a number of layers, 0 or more.");
        }
        return new KeptLayers(Integer.parseInt(text.strip()));
    }

    /** Whether the number is to be found. */
    public boolean isAuto() {
        return count == -1;
    }

    /** Whether it is time that decides. */
    public boolean isSlower() {
        return count == -2;
    }

    @Override
    public String toString() {
        return isSlower() ? "slower" : isAuto() ? "auto" : Integer.toString(count);
    }
}
