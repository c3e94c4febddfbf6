package pomona.kernel.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** A printed table made to fit: long names are shortened in their middle, or columns go into further blocks. */
final class WindowTable {

    private static final int GAP = 2;

    /** Shorter names tell little. */
    private static final int LEAST_NAME = 16;

    /** The cells of each line; those of the ruler are dashes. */
    private final List<List<String>> lines = new ArrayList<>();

    private final int[] widths;

    /**
     * A table as it was printed.
     *
     * @param printed its headings, its ruler and its rows
     */
    WindowTable(List<String> printed) {
        String[] dashes = printed.get(1).split(" +");
        widths = Arrays.stream(dashes).mapToInt(String::length).toArray();
        for (String line : printed) {
            lines.add(cells(line));
        }
    }

    private List<String> cells(String line) {
        int[] points = line.codePoints().toArray();
        List<String> cells = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < widths.length; i++) {
            boolean last = i == widths.length - 1;
            int to = Math.min(last ? points.length : from + widths[i], points.length);
            cells.add(from < to ? new String(points, from, to - from) : "");
            from += widths[i] + GAP;
        }
        return cells;
    }

    /** The lines in at most so many characters each. */
    List<String> lines(int room) {
        int[] all = IntStream.range(0, widths.length).toArray();
        int[] narrow = narrowed(room);
        if (total(narrow) <= room) {
            return block(all, narrow);
        }
        return blocks(room);
    }

    /** Takes from the widest column of names, as long as names stay readable. */
    private int[] narrowed(int room) {
        int[] narrow = widths.clone();
        while (total(narrow) > room) {
            int widest = IntStream.range(0, narrow.length)
                    .filter(this::isNames)
                    .boxed()
                    .max((a, b) -> Integer.compare(narrow[a], narrow[b]))
                    .orElse(-1);
            if (widest < 0 || narrow[widest] <= LEAST_NAME) {
                return narrow;
            }
            narrow[widest]--;
        }
        return narrow;
    }

    private boolean isNames(int column) {
        return lines.stream()
                .skip(2)
                .anyMatch(row -> row.get(column).codePoints().anyMatch(Character::isLetter));
    }

    private static int total(int[] widths) {
        return Arrays.stream(widths).sum() + GAP * (widths.length - 1);
    }

    /** As many columns a block as there is room for, each time behind the first, which names the rows. */
    private List<String> blocks(int room) {
        int[] fitting = widths.clone();
        fitting[0] = Math.min(widths[0], Math.max(LEAST_NAME, room / 3));
        int rest = Math.max(1, room - fitting[0] - GAP);
        List<String> out = new ArrayList<>();
        int from = 1;
        while (from < widths.length) {
            int to = from;
            int used = 0;
            while (to < widths.length && (to == from || used + GAP + widths[to] <= rest)) {
                fitting[to] = Math.min(widths[to], rest);
                used += (to == from ? 0 : GAP) + fitting[to];
                to++;
            }
            if (from > 1) {
                out.add("");
            }
            out.addAll(block(
                    IntStream.concat(IntStream.of(0), IntStream.range(from, to)).toArray(), fitting));
            from = to;
        }
        return out;
    }

    private List<String> block(int[] columns, int[] fitting) {
        List<String> out = new ArrayList<>();
        for (List<String> line : lines) {
            StringBuilder text = new StringBuilder();
            for (int column : columns) {
                String cell = shortened(line.get(column), widths[column], fitting[column]);
                text.append(text.isEmpty() ? "" : " ".repeat(GAP)).append(cell);
                text.append(" ".repeat(Math.max(0, fitting[column] - WindowText.width(cell))));
            }
            out.add(text.toString().stripTrailing());
        }
        return out;
    }

    private static String shortened(String cell, int width, int fitting) {
        if (fitting >= width) {
            return cell;
        }
        if (cell.equals("-".repeat(width))) {
            return "-".repeat(fitting);
        }
        String text = cell.strip();
        int[] points = text.codePoints().toArray();
        if (points.length <= fitting) {
            return text;
        }
        int tail = (fitting - 1) / 2;
        int head = Math.max(0, fitting - 1 - tail);
        return new String(points, 0, head) + "…" + new String(points, points.length - tail, tail);
    }
}
