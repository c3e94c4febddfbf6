package pomona.kernel;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import jdk.jshell.ExpressionSnippet;
import jdk.jshell.Snippet;
import jdk.jshell.SnippetEvent;
import jdk.jshell.VarSnippet;

/**
 * Tells at the end of a cell which variables lost their values in it: most since the type they are of was declared anew. A
 * cell that declares a type and its variables, and runs again, gives these new values and loses none.
 */
final class LostValues {

    private final Map<String, String> lost = new LinkedHashMap<>();
    private int cells;

    /** A cell begins, which may be one inside of another. */
    void begin() {
        cells++;
    }

    /** Notes the variables that an evaluation reset or took away, and those that it gave a value. */
    void note(List<SnippetEvent> events) {
        for (SnippetEvent event : events) {
            // A variable that another one of its name takes the place of is not lost.
            boolean replaced = event.status() == Snippet.Status.OVERWRITTEN;
            boolean had = event.previousStatus() == Snippet.Status.VALID && !replaced;
            Snippet snippet = event.snippet();
            if (event.causeSnippet() == null) {
                if (event.exception() == null && event.status() == Snippet.Status.VALID) {
                    lost.remove(assigned(snippet));
                }
            } else if (had && snippet instanceof VarSnippet variable) {
                boolean there = event.status() == Snippet.Status.VALID;
                lost.put(
                        variable.name(),
                        "its type was declared anew; " + (there ? "assign" : "declare") + " it again.");
            }
        }
    }

    /** Notes a variable that a declaration took the place of which failed. */
    void noteReplaced(String name) {
        lost.put(name, "a declaration took its place that failed; declare it again.");
    }

    private static String assigned(Snippet snippet) {
        if (snippet instanceof VarSnippet variable) {
            return variable.name();
        }
        boolean assignment = snippet.subKind() == Snippet.SubKind.ASSIGNMENT_SUBKIND;
        return assignment && snippet instanceof ExpressionSnippet expression ? expression.name() : "";
    }

    /** A cell ends; after the outermost one a warning is printed for each variable that is still without its value. */
    void end() {
        cells--;
        if (cells == 0) {
            lost.forEach((name, why) ->
                    System.err.println(Ansi.warning("warning: ") + name + " has lost its value, since " + why));
            lost.clear();
        }
    }
}
