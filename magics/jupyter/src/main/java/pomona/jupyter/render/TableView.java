package pomona.jupyter.render;

import java.util.ArrayList;
import java.util.List;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.FloatColumn;
import tech.tablesaw.api.NumericColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.Column;

/** Shows a Tablesaw table; a long one is cut after {@value #MAX_ROWS} rows, and says so. */
final class TableView implements View<Table> {

    static final int MAX_ROWS = 60;
    private static final int DIGITS = 6;

    @Override
    public String html(Table table) {
        String caption = title(table).isEmpty() ? "" : "<h4>" + Html.escape(title(table)) + "</h4>";
        return Html.frame(caption
                + (isEmpty(table)
                        ? "<p class=\"pomona-note\">no columns</p>"
                        : sheet(table).html()));
    }

    @Override
    public String text(Table table) {
        String caption = title(table).isEmpty() ? "" : title(table) + "\n\n";
        return caption + (isEmpty(table) ? "no columns" : sheet(table).text());
    }

    private static boolean isEmpty(Table table) {
        return table.columnCount() == 0;
    }

    private static String title(Table table) {
        return table.name() == null ? "" : table.name();
    }

    static Sheet sheet(Table table) {
        List<Sheet.Column> headings = new ArrayList<>();
        for (Column<?> column : table.columns()) {
            headings.add(new Sheet.Column(column.name(), column instanceof NumericColumn<?>));
        }
        int shown = Math.min(table.rowCount(), MAX_ROWS);
        List<List<String>> rows = new ArrayList<>(shown);
        for (int row = 0; row < shown; row++) {
            List<String> texts = new ArrayList<>(headings.size());
            for (Column<?> column : table.columns()) {
                texts.add(text(column, row));
            }
            rows.add(texts);
        }
        return new Sheet(headings, rows, table.rowCount() - shown);
    }

    /** A column prints as it was told to; one that was told nothing prints all digits, of which six are enough. */
    private static String text(Column<?> column, int row) {
        if (column.isMissing(row)) {
            return "";
        }
        String text = column.getString(row);
        boolean real = column instanceof DoubleColumn || column instanceof FloatColumn;
        boolean printsAllDigits = real && text.matches("-?\\d+\\.\\d{7,}");
        return printsAllDigits ? Quantity.digits(((NumericColumn<?>) column).getDouble(row), DIGITS) : text;
    }
}
