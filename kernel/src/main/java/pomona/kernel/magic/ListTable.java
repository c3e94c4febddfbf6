package pomona.kernel.magic;

import java.util.ArrayList;
import java.util.List;
import org.dflib.jjava.jupyter.kernel.display.DisplayData;

/** A table of texts, for notebooks and for terminals. */
final class ListTable {

    /** Neither colours nor sizes of its own: it looks right in light and dark. */
    private static final String CELL = "text-align:left;vertical-align:top;padding:3px 14px 3px 6px;border:0;"
            + "border-bottom:1px solid rgba(128,128,128,.3);background:none;color:inherit;";

    private static final String FIXED = "font-family:var(--jp-code-font-family,monospace);";
    private static final String WRAPPED = "white-space:pre-wrap;overflow-wrap:anywhere;min-width:12em;";

    private final List<String> columns;
    private final List<List<String>> rows = new ArrayList<>();

    ListTable(String... columns) {
        this.columns = List.of(columns);
    }

    void row(String... texts) {
        rows.add(List.of(texts));
    }

    boolean isEmpty() {
        return rows.isEmpty();
    }

    DisplayData display() {
        DisplayData data = new DisplayData(plain());
        data.putHTML(html());
        return data;
    }

    String plain() {
        int[] widths = new int[columns.size()];
        List<List<String>> all = new ArrayList<>();
        all.add(columns);
        all.addAll(rows);
        for (List<String> row : all) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], length(row.get(i)));
            }
        }
        StringBuilder out = new StringBuilder();
        for (List<String> row : all) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                line.append(row.get(i)).append(" ".repeat(widths[i] - length(row.get(i)) + 2));
            }
            out.append(out.isEmpty() ? "" : "\n").append(line.toString().stripTrailing());
        }
        return out.toString();
    }

    private static int length(String text) {
        return text.codePointCount(0, text.length());
    }

    private String html() {
        StringBuilder out =
                new StringBuilder("<table style=\"border-collapse:collapse;border:0;color:inherit\"><thead><tr>");
        for (String column : columns) {
            out.append("<th style=\"").append(CELL).append("font-weight:600\">");
            out.append(escape(column)).append("</th>");
        }
        out.append("</tr></thead><tbody>");
        for (List<String> row : rows) {
            out.append("<tr style=\"background:none\">");
            for (int i = 0; i < row.size(); i++) {
                boolean last = i == row.size() - 1;
                out.append("<td style=\"").append(CELL).append(FIXED).append(last ? WRAPPED : "white-space:nowrap;");
                out.append("\">").append(escape(row.get(i))).append("</td>");
            }
            out.append("</tr>");
        }
        return out.append("</tbody></table>").toString();
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
