package pomona.jupyter.render;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A table as it will be shown: texts in rows and columns.
 *
 * @param columns the headings, with how their columns are aligned
 * @param rows the rows that are shown, each with a text for every column
 * @param hidden how many more rows there are that are not shown
 */
record Sheet(List<Column> columns, List<List<String>> rows, long hidden) {

    /** Tables of more columns are set smaller. */
    private static final int MANY = 12;

    private static final int LONG = 20;

    private static final String NUMBER = "pomona-number";

    private static final String PHRASE = "pomona-phrase";

    private static final String NO_BREAK = "\u00a0";

    /** The space before a sign that ends a heading. */
    private static final Pattern SIGN = Pattern.compile(" (?=[%+]$)");

    private static final Pattern AFTER_NUMBER = Pattern.compile("(?<=\\d) ");

    /** A heading; numbers are aligned to the right. */
    record Column(String heading, boolean numeric) {}

    Sheet {
        columns = List.copyOf(columns);
        rows = List.copyOf(rows);
    }

    String html() {
        StringBuilder out = new StringBuilder("<div class=\"pomona-scroll\"><table");
        out.append(columns.size() > MANY ? " class=\"pomona-wide\"" : "").append("><thead><tr>");
        columns.forEach(column -> cell(
                out,
                "th",
                column.numeric() ? NUMBER : "",
                SIGN.matcher(column.heading()).replaceAll(NO_BREAK)));
        out.append("</tr></thead><tbody>");
        boolean[] phrases = phrases();
        for (List<String> row : rows) {
            out.append("<tr>");
            for (int i = 0; i < columns.size(); i++) {
                String text = phrases[i] ? AFTER_NUMBER.matcher(row.get(i)).replaceAll(NO_BREAK) : row.get(i);
                cell(out, "td", columns.get(i).numeric() ? NUMBER : phrases[i] ? PHRASE : "", text);
            }
            out.append("</tr>");
        }
        out.append("</tbody></table></div>");
        if (hidden > 0) {
            out.append("<p class=\"pomona-note\">").append(hiddenNote()).append("</p>");
        }
        return out.toString();
    }

    /** Which columns have several words in a cell, so long that they are better wrapped than pushing others out of sight. */
    private boolean[] phrases() {
        boolean[] phrases = new boolean[columns.size()];
        for (int i = 0; i < phrases.length; i++) {
            int column = i;
            phrases[i] = !columns.get(i).numeric()
                    && rows.stream()
                            .map(row -> row.get(column))
                            .anyMatch(text -> text.length() >= LONG && text.contains(" "));
        }
        return phrases;
    }

    private static void cell(StringBuilder out, String tag, String type, String text) {
        out.append('<').append(tag).append(type.isEmpty() ? ">" : " class=\"" + type + "\">");
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
