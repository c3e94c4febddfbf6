package pomona.kernel;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.stream.Stream;
import jdk.jshell.JShell;
import jdk.jshell.Snippet;
import jdk.jshell.VarSnippet;

/**
 * The values of cells' expressions, which JShell keeps under the names {@code $1}, {@code $2} and so on.
 *
 * <p>Only the latest are kept: every one of them costs each later compilation an import, and holds its value in memory for
 * as long as the session lives.
 */
final class ExpressionValues {

    private static final int KEPT = 16;

    private final JShell shell;
    private final SnippetControl control;
    private final Deque<VarSnippet> values = new ArrayDeque<>();

    ExpressionValues(JShell shell, SnippetControl control) {
        this.shell = shell;
        this.control = control;
    }

    void add(Snippet snippet) {
        if (snippet.subKind() == Snippet.SubKind.TEMP_VAR_EXPRESSION_SUBKIND) {
            values.add((VarSnippet) snippet);
        }
    }

    /** Drops all but the latest; those that a method or a class uses stay. */
    void dropOld() {
        for (int more = values.size() - KEPT; more > 0; more--) {
            VarSnippet value = values.remove();
            if (shell.status(value) == Snippet.Status.VALID && !isUsed(value.name())) {
                shell.drop(value);
                control.forget(value);
            }
        }
    }

    private boolean isUsed(String name) {
        return Stream.concat(shell.methods(), shell.types())
                .anyMatch(declared -> declared.source().contains(name));
    }
}
