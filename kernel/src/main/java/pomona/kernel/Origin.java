package pomona.kernel;

/**
 * Where a snippet came from.
 *
 * @param cell the number of its cell
 * @param text the cell's text
 * @param start where the snippet begins in the cell's Java text
 * @param source the snippet's Java text
 */
record Origin(int cell, CellText text, int start, String source) {

    /**
     * A place in a cell as users count it.
     *
     * @param source what the line is of: {@code Cell In[3]}, or a file's name
     * @param line from 1
     * @param column from 0
     */
    record Place(String source, int line, int column, String lineText) {

        /** As errors begin with it. */
        String headline() {
            return source + ", line " + line;
        }
    }

    /** The place of a position within the snippet. */
    Place at(long position) {
        int original = text.toOriginal(start + (int) Math.max(0, Math.min(position, source.length())));
        int line = text.lineOf(original);
        String title = text.title() == null ? "Cell In[" + cell + "]" : text.title();
        return new Place(title, line, original - text.lineStart(line), text.line(line));
    }

    /** The place where a line of the snippet, from 1, begins. */
    Place atLine(int line) {
        int position = 0;
        for (int i = 1; i < line; i++) {
            int end = source.indexOf('\n', position);
            if (end < 0) {
                break;
            }
            position = end + 1;
        }
        return at(position);
    }
}
