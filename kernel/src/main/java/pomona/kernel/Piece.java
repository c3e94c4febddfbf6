package pomona.kernel;

/**
 * One snippet of a cell.
 *
 * @param source the Java text JShell evaluates
 * @param start where it begins in the cell's Java text
 * @param shown whether its value is shown if it is the cell's last: no semicolon ends it
 * @param complete whether the text is a whole snippet; if not, evaluating it gives the syntax errors
 */
record Piece(String source, int start, boolean shown, boolean complete) {

    boolean isStarImport() {
        return source.startsWith("import") && source.strip().endsWith("*;");
    }
}
