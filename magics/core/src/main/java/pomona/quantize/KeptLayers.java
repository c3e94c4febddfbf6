package pomona.quantize;

/**
 * How many layers to leave in float because they lose most, by measurement: a number, or {@code auto} for as few as it takes.
 *
 * @param count how many, 0 or more; -1 is {@code auto}
 */
public record KeptLayers(int count) {

    /** All layers are quantized. */
    public static final KeptLayers NONE = new KeptLayers(0);

    /** As few layers are left in float as it takes. */
    public static final KeptLayers AUTO = new KeptLayers(-1);

    public KeptLayers {
        if (count < -1) {
            throw new IllegalArgumentException(
                    "Option keep-float is " + count + ", but it is auto or a number of layers, 0 or more.");
        }
    }

    /**
     * Reads what {@link #toString} writes.
     *
     * @throws IllegalArgumentException if the text is neither {@code auto} nor a number of 0 or more
     */
    public static KeptLayers parse(String text) {
        if (text.strip().equals("auto")) {
            return AUTO;
        }
        if (!text.strip().matches("[0-9]{1,6}")) {
            throw new IllegalArgumentException(
                    "Option keep-float is " + text + ", but it is auto or a number of layers, 0 or more.");
        }
        return new KeptLayers(Integer.parseInt(text.strip()));
    }

    /** Whether the number is to be found. */
    public boolean isAuto() {
        return count == -1;
    }

    @Override
    public String toString() {
        return isAuto() ? "auto" : Integer.toString(count);
    }
}
