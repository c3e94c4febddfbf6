package pomona.kernel.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Lays out an output's lines for a window: tables, which a line of dashes below their headings tells, become narrower or
 * are split into blocks of columns; other lines are broken between words.
 */
final class WindowText {

    private static final Pattern RULER = Pattern.compile("-+(  -+)+");
    private static final Pattern COLOUR = Pattern.compile("\u001B\\[[0-9;:]*m");
    private static final Pattern LAST_GAP = Pattern.compile("^.*\\S  +(?=\\S)");

    private final int room;

    /**
     * A layout for lines of at most that many characters.
     *
     * @param room 1 or more
     */
    WindowText(int room) {
        this.room = Math.max(1, room);
    }

    List<String> of(List<String> lines) {
        List<String> out = new ArrayList<>();
        int at = 0;
        while (at < lines.size()) {
            if (at + 1 < lines.size() && RULER.matcher(lines.get(at + 1)).matches()) {
                int end = endOfTable(lines, at + 2);
                out.addAll(new WindowTable(lines.subList(at, end)).lines(room));
                at = end;
            } else {
                wrap(lines.get(at), out);
                at++;
            }
        }
        return out;
    }

    private static int endOfTable(List<String> lines, int from) {
        int end = from;
        while (end < lines.size()
                && !lines.get(end).isBlank()
                && !lines.get(end).startsWith("... ")) {
            end++;
        }
        return end;
    }

    /** What follows the break stands below the last column of the line where there is one. */
    private void wrap(String line, List<String> out) {
        if (width(line) <= room) {
            out.add(line);
            return;
        }
        String indent = " ".repeat(indent(line));
        StringBuilder kept = new StringBuilder();
        boolean empty = true;
        for (String word : line.split(" ", -1)) {
            if (!empty && width(kept.toString()) + 1 + width(word) > room) {
                out.add(kept.toString().stripTrailing());
                kept.setLength(0);
                kept.append(indent);
                empty = true;
            }
            kept.append(empty ? "" : " ").append(word);
            empty = false;
        }
        out.add(kept.toString());
    }

    private int indent(String line) {
        var gap = LAST_GAP.matcher(COLOUR.matcher(line).replaceAll(""));
        int after = gap.find() ? gap.end() : 0;
        return after <= room / 2 ? after : 0;
    }

    static int width(String text) {
        String plain = COLOUR.matcher(text).replaceAll("");
        return plain.codePointCount(0, plain.length());
    }
}
