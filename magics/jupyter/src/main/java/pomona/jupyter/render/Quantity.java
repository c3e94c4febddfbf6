package pomona.jupyter.render;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;

/** Numbers as people read them, the same in every locale. */
final class Quantity {

    private static final String[] UNITS = {"B", "KB", "MB", "GB", "TB"};

    private Quantity() {}

    /** With thousands separated: {@code 1,234,567}. */
    static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** In units of 1000 bytes, with three digits: {@code 1.07 MB}. */
    static String bytes(long bytes) {
        double value = bytes;
        int unit = 0;
        while (value >= 999.5 && unit < UNITS.length - 1) {
            value /= 1000;
            unit++;
        }
        int decimals = unit == 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
        return String.format(Locale.ROOT, "%,." + decimals + "f %s", value, UNITS[unit]);
    }

    /** A part of a whole: {@code 26,661 (10.0 %)}, or {@code all}. */
    static String share(long part, long whole) {
        return part == whole ? "all" : count(part) + String.format(Locale.ROOT, " (%.1f %%)", 100.0 * part / whole);
    }

    /** With at most that many significant digits and no zeros at the end. */
    static String digits(double value, int digits) {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            return Double.toString(value);
        }
        BigDecimal rounded =
                new BigDecimal(value).round(new MathContext(digits)).stripTrailingZeros();
        boolean plain = rounded.signum() == 0 || (Math.abs(value) >= 1e-5 && Math.abs(value) < 1e12);
        return plain ? rounded.toPlainString() : rounded.toString().replace("E", "e");
    }
}
