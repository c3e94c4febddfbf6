package pomona.quantize;

import java.util.Locale;
import pomona.pass.Option;

/**
 * How the ranges of activations are taken from data, and which integers are laid over them.
 *
 * @param calibration how ranges are taken from what was measured
 * @param percentile how many of a hundred values a range holds, over 50 up to 100; 99.99 unless calibration is {@code
 *     PERCENTILE}
 * @param activations the integers that activations become
 * @param mask the input that is 0 where records are padded, which ranges then leave out; none when empty
 */
public record RangeSettings(
        @Option(value = "min-max, moving-average, percentile, entropy, or mse", defaultsTo = "min-max")
        Calibration calibration,

        @Option(value = "how many of 100 values a range holds, for percentile", defaultsTo = "99.99")
        double percentile,

        @Option(value = "integers of activations: uint8, int8, uint16 or int16", defaultsTo = "uint8")
        ActivationType activations,

        @Option(value = "the input that is 0 where records are padded, such as attention_mask", defaultsTo = "")
        String mask) {

    private static final double USUAL = 99.99;

    /** From the smallest to the largest value, in unsigned bytes. */
    public static final RangeSettings MIN_MAX = new RangeSettings(Calibration.MIN_MAX, USUAL, ActivationType.UINT8, "");

    public RangeSettings {
        if (calibration == null) {
            throw new IllegalArgumentException(
                    "Option calibration was not given; it is min-max, moving-average, percentile, entropy or mse.");
        }
        if (!(percentile > 50 && percentile <= 100)) {
            throw new IllegalArgumentException(
                    "Percentile " + percentile + " is out of range; it is more than 50, up to 100.");
        }
        if (percentile != USUAL && calibration != Calibration.PERCENTILE) {
            throw new IllegalArgumentException("Option percentile is " + percentile + ", but calibration is "
                    + calibration.name().toLowerCase(Locale.ROOT).replace('_', '-')
                    + ", which does not look at it; give calibration percentile, or leave percentile out.");
        }
        if (activations == null) {
            throw new IllegalArgumentException("Option activations was not given; it is uint8, int8, uint16 or int16.");
        }
        mask = mask == null ? "" : mask.strip();
    }

    /** The same with other integers. */
    public RangeSettings with(ActivationType newActivations) {
        return new RangeSettings(calibration, percentile, newActivations, mask);
    }

    /** The same with ranges that leave padding out, which that input tells. */
    public RangeSettings withMask(String newMask) {
        return new RangeSettings(calibration, percentile, activations, newMask);
    }
}
