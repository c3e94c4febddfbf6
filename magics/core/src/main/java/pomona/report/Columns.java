package pomona.report;

import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.columns.numbers.NumberColumnFormatter;

/** Number columns that print as people read numbers: thousands grouped, as many decimals as mean something. */
final class Columns {

    private Columns() {}

    /** Whole numbers; negative ones are missing. */
    static <T> LongColumn counts(String name, Iterable<T> rows, ToLongFunction<T> value) {
        LongColumn column = LongColumn.create(name);
        for (T row : rows) {
            long count = value.applyAsLong(row);
            if (count < 0) {
                column.appendMissing();
            } else {
                column.append(count);
            }
        }
        column.setPrintFormatter(NumberColumnFormatter.intsWithGrouping());
        return column;
    }

    /** Decimal numbers; NaN is missing. */
    static <T> DoubleColumn decimals(String name, int digits, Iterable<T> rows, ToDoubleFunction<T> value) {
        DoubleColumn column = DoubleColumn.create(name);
        rows.forEach(row -> column.append(value.applyAsDouble(row)));
        column.setPrintFormatter(new NumberColumnFormatter(decimalFormat(digits)));
        return column;
    }

    private static java.text.NumberFormat decimalFormat(int digits) {
        java.text.NumberFormat format = java.text.NumberFormat.getNumberInstance(Locale.ROOT);
        format.setMinimumFractionDigits(digits);
        format.setMaximumFractionDigits(digits);
        return format;
    }
}
