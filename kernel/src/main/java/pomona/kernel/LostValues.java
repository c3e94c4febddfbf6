package pomona.kernel;

import java.util.List;
import jdk.jshell.Snippet;
import jdk.jshell.SnippetEvent;
import jdk.jshell.VarSnippet;

/** Tells which variables lost their values, since the type they are of was declared anew. */
final class LostValues {

    private LostValues() {}

    /** Prints a warning for each variable that an evaluation reset or took away. */
    static void print(List<SnippetEvent> events) {
        for (SnippetEvent event : events) {
            boolean had = event.previousStatus() == Snippet.Status.VALID;
            if (event.causeSnippet() != null && had && event.snippet() instanceof VarSnippet variable) {
                String again = event.status() == Snippet.Status.VALID ? "assign it again." : "declare it again.";
                System.err.println(Ansi.warning("warning: ") + variable.name()
                        + " has lost its value, since its type was declared anew; " + again);
            }
        }
    }
}
