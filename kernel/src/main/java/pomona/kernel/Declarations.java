package pomona.kernel;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import javax.lang.model.SourceVersion;
import jdk.jshell.DeclarationSnippet;
import jdk.jshell.JShell;
import jdk.jshell.Snippet;
import jdk.jshell.VarSnippet;
import pomona.kernel.magic.LiveSession;
import pomona.kernel.magic.ShortValue;
import pomona.kernel.magic.Spelling;

/** What cells have declared: read, described, and forgotten. */
final class Declarations {

    private final JShell shell;
    private final SnippetControl control;
    private final Predicate<String> ofCells;
    private final ReentrantLock compiling;
    private Set<String> atStart = Set.of();

    /**
     * Looks into a shell.
     *
     * @param ofCells whether the snippet of an id came from a cell
     * @param compiling the lock that JShell is used under
     */
    Declarations(JShell shell, SnippetControl control, Predicate<String> ofCells, ReentrantLock compiling) {
        this.shell = shell;
        this.control = control;
        this.ofCells = ofCells;
        this.compiling = compiling;
    }

    private <T> T locked(Supplier<T> action) {
        compiling.lock();
        try {
            return action.get();
        } finally {
            compiling.unlock();
        }
    }

    /** The names that JShell gave to all snippets so far. */
    Set<String> snippetIds() {
        return shell.snippets().map(Snippet::id).collect(Collectors.toSet());
    }

    /** Keeps in a reset what was declared since: it belongs to the session's start. */
    void keepSince(Set<String> before) {
        Set<String> kept = snippetIds();
        kept.removeAll(before);
        kept.addAll(atStart);
        atStart = kept;
    }

    /** Remembers what is declared now, which a reset keeps. */
    void markStart() {
        atStart = snippetIds();
    }

    /** Drops what cells declared since the start, and lets go of the variables' values. */
    void reset() {
        locked(() -> {
            List<Snippet> later = shell.snippets()
                    .filter(snippet -> !atStart.contains(snippet.id()))
                    .filter(snippet -> shell.status(snippet).isActive())
                    .toList();
            control.forgetting(true);
            for (Snippet snippet : later) {
                if (snippet instanceof VarSnippet variable && shell.status(variable) == Snippet.Status.VALID) {
                    shell.varValue(variable);
                }
                shell.drop(snippet);
            }
            control.forgetting(false);
            return control.takeValue();
        });
    }

    /** A variable's type, name and value, shortened. */
    Map<String, Object> describe(VarSnippet variable) {
        shell.varValue(variable);
        String value = ShortValue.of(control.takeValue());
        return Documented.plain(JavaCompletion.brief(variable.typeName()) + " " + variable.name(), "value: " + value);
    }

    /** The source of the live declarations of a name, or null when no cell declared it. */
    String declarationOf(String name) {
        return locked(() -> shell.snippets()
                .filter(snippet -> shell.status(snippet).isActive() && ofCells.test(snippet.id()))
                .filter(snippet -> snippet instanceof DeclarationSnippet declared
                        && declared.name().equals(name))
                .map(snippet -> snippet.source().strip())
                .reduce((a, b) -> a + "\n" + b)
                .orElse(null));
    }

    /** The live variables that cells named, in the order of their declaration. */
    List<LiveSession.Variable> variables() {
        return locked(() -> shell.variables()
                .filter(variable -> shell.status(variable) == Snippet.Status.VALID)
                .filter(variable -> !variable.name().startsWith("$") && !atStart.contains(variable.id()))
                .map(variable -> {
                    shell.varValue(variable);
                    return new LiveSession.Variable(variable.name(), variable.typeName(), control.takeValue());
                })
                .toList());
    }

    /** The live variable of a name, or null. */
    VarSnippet variable(String name) {
        if (!isName(name)) {
            return null;
        }
        return shell.variables()
                .filter(variable -> variable.name().equals(name) && shell.status(variable) == Snippet.Status.VALID)
                .findFirst()
                .orElse(null);
    }

    /** One sentence for a variable that there is not, naming the nearest ones. */
    String missing(String name) {
        List<String> near = Spelling.nearest(
                name,
                shell.variables()
                        .filter(variable -> shell.status(variable) == Snippet.Status.VALID)
                        .map(VarSnippet::name)
                        .toList());
        String start = "There is no variable " + name;
        return near.isEmpty()
                ? start + " in this session."
                : start + "; did you mean " + String.join(" or ", near) + "?";
    }

    static boolean isName(String text) {
        return SourceVersion.isIdentifier(text) && !SourceVersion.isKeyword(text);
    }
}
