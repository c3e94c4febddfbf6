package pomona.kernel;

import java.util.List;

/**
 * An error as a front end shows it.
 *
 * @param ename the error's own class, short
 * @param evalue its message
 * @param traceback lines with ANSI colours
 */
record Failure(String ename, String evalue, List<String> traceback) {

    Failure {
        traceback = List.copyOf(traceback);
    }

    /** The same as one sentence without colours, for callers that evaluate code inside a cell. */
    String sentence() {
        return evalue.isEmpty() ? ename : evalue.replaceFirst("^line \\d+: ", "");
    }
}
