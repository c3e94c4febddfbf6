package pomona.kernel;

import java.util.ArrayList;
import java.util.List;

/**
 * A cell as Java text, with the way back from each position to the text the user wrote.
 *
 * <p>Positions are counted in UTF-16 units; lines from 1.
 */
final class CellText {

    private record Segment(int start, int original, boolean verbatim) {}

    /** Builds a text from copied and generated stretches. */
    static final class Builder {

        private final String original;
        private final StringBuilder java = new StringBuilder();
        private final List<Segment> segments = new ArrayList<>();
        private final List<Integer> magics = new ArrayList<>();
        private final List<Integer> timed = new ArrayList<>();
        private String title;

        Builder(String original) {
            this.original = original;
        }

        /** Copies a stretch of the original as it is. */
        Builder copy(int from, int to) {
            segments.add(new Segment(java.length(), from, true));
            java.append(original, from, to);
            return this;
        }

        /** Adds generated text that stands for what begins at a position of the original. */
        Builder generate(String text, int at) {
            segments.add(new Segment(java.length(), at, false));
            java.append(text);
            return this;
        }

        /** Notes that a bare magic, a statement by itself, begins here. */
        Builder markBareMagic() {
            magics.add(java.length());
            return this;
        }

        /** Notes that the snippet which holds this place is to be timed. */
        Builder markTimed() {
            timed.add(java.length());
            return this;
        }

        /** Names the file that the text is of; without one it is a cell's. */
        Builder title(String file) {
            title = file;
            return this;
        }

        CellText build() {
            return new CellText(this);
        }
    }

    private final String original;
    private final String java;
    private final List<Segment> segments;
    private final List<Integer> bareMagics;
    private final List<Integer> timed;
    private final String title;
    private boolean wholeTimed;

    private CellText(Builder builder) {
        original = builder.original;
        java = builder.java.toString();
        segments = List.copyOf(builder.segments);
        bareMagics = List.copyOf(builder.magics);
        timed = List.copyOf(builder.timed);
        title = builder.title;
    }

    /** The same, to be timed as a whole. */
    CellText timedAsWhole() {
        wholeTimed = true;
        return this;
    }

    boolean isTimedAsWhole() {
        return wholeTimed;
    }

    /** Whether a stretch of the Java text is to be timed. */
    boolean isTimed(int from, int to) {
        return timed.stream().anyMatch(position -> position >= from && position < to);
    }

    /** The file that the text is of, or null when it is a cell's. */
    String title() {
        return title;
    }

    String original() {
        return original;
    }

    String java() {
        return java;
    }

    /** Whether a magic without an assignment starts at a position of the Java text. */
    boolean isBareMagic(int position) {
        return bareMagics.contains(position);
    }

    /** The position in the original for one in the Java text. */
    int toOriginal(int position) {
        Segment found = null;
        for (Segment segment : segments) {
            if (segment.start() > position) {
                break;
            }
            found = segment;
        }
        if (found == null) {
            return 0;
        }
        int result = found.verbatim() ? found.original() + position - found.start() : found.original();
        return Math.max(0, Math.min(original.length(), result));
    }

    /** The line, from 1, that holds a position of the original. */
    int lineOf(int position) {
        int line = 1;
        for (int i = 0; i < Math.min(position, original.length()); i++) {
            if (original.charAt(i) == '\n') {
                line++;
            }
        }
        return line;
    }

    /** The text of a line, from 1, without its end; empty when there is no such line. */
    String line(int number) {
        int start = lineStart(number);
        int end = original.indexOf('\n', start);
        String line = original.substring(start, end < 0 ? original.length() : end);
        return line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
    }

    /** The position in the original at which a line begins. */
    int lineStart(int number) {
        int start = 0;
        for (int line = 1; line < number; line++) {
            int end = original.indexOf('\n', start);
            if (end < 0) {
                return original.length();
            }
            start = end + 1;
        }
        return start;
    }
}
