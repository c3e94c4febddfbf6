package pomona.jupyter.render;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A table as it will be shown: texts in rows and columns.
 *
 * @param columns the headings, with how their columns are aligned
 * @param rows the rows that are shown, each with a text for every column
 * @param hidden how many more rows there are that are not shown
 */
record Sheet(List<Column> columns, List<List<String>> rows, long hidden) {

    /** A heading; numbers are aligned to the right. */
    record Column(String heading, boolean numeric) {}

    Sheet {
        columns = List.copyOf(columns);
        rows = List.copyOf(rows);
    }

    String html() {
        StringBuilder out = new StringBuilder("<div class=\"pomona-scroll\"><table><thead><tr>");
        columns.forEach(column -> cell(out, "th", column, column.heading()));
        out.append("</tr></thead><tbody>");
        for (List<String> row : rows) {
            out.append("<tr>");
            for (int i = 0; i < columns.size(); i++) {
                cell(out, "td", columns.get(i), row.get(i));
            }
            out.append("</tr>");
        }
        out.append("</tbody></table></div>");
        if (hidden > 0) {
            out.append("<p class=\"pomona-note\">").append(hiddenNote()).append("</p>");
        }
        return out.toString();
    }

    private static void cell(StringBuilder out, String tag, Column column, String text) {
        out.append('<').append(tag).append(column.numeric() ? " class=\"pomona-number\">" : ">");
        out.append(Html.escape(text)).append("</").append(tag).append('>');
    }

    String text() {
        int[] widths = new int[columns.size()];
        for (int i = 0; i < widths.length; i++) {
            widths[i] = width(columns.get(i).heading());
            for (List<String> row : rows) {
                widths[i] = Math.max(widths[i], width(row.get(i)));
            }
        }
        StringBuilder out = new StringBuilder();
        line(out, columns.stream().map(Column::heading).toList(), widths);
        out.append('\n');
        out.append(java.util.Arrays.stream(widths).mapToObj("-"::repeat).collect(Collectors.joining("  ")));
        for (List<String> row : rows) {
            out.append('\n');
            line(out, row, widths);
        }
        if (hidden > 0) {
            out.append("\n... ").append(hiddenNote());
        }
        return out.toString();
    }

    private void line(StringBuilder out, List<String> texts, int[] widths) {
        int start = out.length();
        for (int i = 0; i < widths.length; i++) {
            String text = oneLine(texts.get(i));
            String padding = " ".repeat(widths[i] - width(text));
            out.append(i == 0 ? "" : "  ");
            out.append(columns.get(i).numeric() ? padding + text : text + padding);
        }
        while (out.length() > start && out.charAt(out.length() - 1) == ' ') {
            out.setLength(out.length() - 1);
        }
    }

    private static String oneLine(String text) {
        return text.replaceAll("\\s", " ");
    }

    private static int width(String text) {
        return text.codePointCount(0, text.length());
    }

    private String hiddenNote() {
        return Quantity.count(hidden) + (hidden == 1 ? " more row is" : " more rows are") + " not shown";
    }
}
