package pomona.quantize;

/**
 * How much of the outliers of activations moves into the weights that meet them: from 0, none, to 1, all; {@code auto} is
 * what is expected to lose least, for each layer by itself.
 *
 * <p>Source: Xiao et al., SmoothQuant, 2022 (arXiv 2211.10438), section 4, where it is alpha.
 *
 * @param alpha from 0 to 1, or NaN when each layer has its own
 */
public record MigrationStrength(double alpha) {

    /** Each layer has its own. */
    public static final MigrationStrength AUTO = new MigrationStrength(Double.NaN);

    public MigrationStrength {
        if (alpha < 0 || alpha > 1) {
            throw refused(String.valueOf(alpha));
        }
    }

    /** Reads what {@link #toString} writes. */
    public static MigrationStrength parse(String text) {
        if (text.strip().equals("auto")) {
            return AUTO;
        }
        double alpha;
        try {
            alpha = Double.parseDouble(text.strip());
        } catch (NumberFormatException e) {
            throw refused(text);
        }
        if (Double.isNaN(alpha)) {
            throw refused(text);
        }
        return new MigrationStrength(alpha);
    }

    /** Whether each layer has its own. */
    public boolean isAuto() {
        return Double.isNaN(alpha);
    }

    private static IllegalArgumentException refused(String text) {
        return new IllegalArgumentException("Option alpha is " + text + ", but it must be from 0 to 1, or auto.");
    }

    @Override
    public String toString() {
        return isAuto() ? "auto" : String.valueOf(alpha);
    }
}
