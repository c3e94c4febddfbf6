package pomona.kernel.magic;

import java.util.Locale;

/** Durations as people read them. */
public final class Durations {

    private Durations() {}

    /** Three digits and a unit: {@code 1.23 µs}, {@code 45.6 ms}, {@code 2.50 s}, {@code 3 min 12 s}. */
    public static String text(double seconds) {
        if (seconds >= 99.95) {
            long whole = Math.round(seconds);
            return whole / 60 + " min " + whole % 60 + " s";
        }
        double value = seconds * 1e9;
        for (String unit : new String[] {"ns", "µs", "ms"}) {
            if (value < 999.5) {
                return digits(value) + " " + unit;
            }
            value /= 1000;
        }
        return digits(value) + " s";
    }

    private static String digits(double value) {
        int decimals = value == 0 ? 0 : value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
        return String.format(Locale.ROOT, "%." + decimals + "f", value);
    }
}
