package pomona.kernel;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import jdk.jshell.JShell;
import jdk.jshell.Snippet;
import jdk.jshell.SnippetEvent;
import jdk.jshell.VarSnippet;

/**
 * The variables that a piece of a cell declares anew: JShell takes the old one away before it compiles the new one and
 * before its initializer runs, so that a typo or an interrupt would leave nothing of a value that took an hour. A
 * declaration that fails leaves the variable as it was.
 */
final class ReplacedVariables {

    /**
     * A variable before the piece runs.
     *
     * @param field where its value is, also when another variable has taken its place
     */
    private record Held(String type, Field field) {}

    private final JShell shell;
    private final SnippetControl control;
    private final Map<String, Held> held = new LinkedHashMap<>();

    /** Looks up the variables that a piece may declare anew. */
    ReplacedVariables(Piece piece, JShell shell, SnippetControl control) {
        this.shell = shell;
        this.control = control;
        String source = piece.source();
        if (source.indexOf('=') > 0) {
            shell.variables()
                    .filter(variable -> source.contains(variable.name()))
                    .filter(variable -> shell.status(variable) == Snippet.Status.VALID)
                    .forEach(variable -> held.put(variable.name(), new Held(variable.typeName(), field(variable))));
        }
    }

    private Field field(VarSnippet variable) {
        shell.varValue(variable);
        control.takeValue();
        return control.fieldRead();
    }

    /**
     * Gives back the variables whose new declarations failed.
     *
     * @param events what the piece came to
     * @param lost gets the events of giving them back, and is told of those that could not be
     */
    void restore(List<SnippetEvent> events, LostValues lost) {
        for (SnippetEvent event : events) {
            boolean failed = event.exception() != null || event.status() == Snippet.Status.REJECTED;
            if (failed && event.causeSnippet() == null && event.snippet() instanceof VarSnippet variable) {
                Held old = held.get(variable.name());
                if (old != null && !isRestored(old, variable, lost)) {
                    lost.noteReplaced(variable.name());
                }
            }
        }
    }

    private boolean isRestored(Held old, VarSnippet variable, LostValues lost) {
        try {
            Field field = shell.status(variable) == Snippet.Status.VALID ? field(variable) : null;
            if (field == null || !field.getGenericType().equals(old.field().getGenericType())) {
                VarSnippet again = declared(old.type(), variable.name(), lost);
                field = again == null ? null : field(again);
            }
            Object value = old.field().get(null);
            if (field == null
                    || value != null
                            && !field.getType().isPrimitive()
                            && !field.getType().isInstance(value)) {
                return value == null;
            }
            field.set(null, value);
            return true;
        } catch (IllegalAccessException e) {
            return false;
        }
    }

    /** Declares a variable of a type; null when that type has no name, as those of anonymous classes have none. */
    private VarSnippet declared(String type, String name, LostValues lost) {
        List<SnippetEvent> events = new ArrayList<>(shell.eval(type + " " + name + ";"));
        lost.note(events);
        control.takeValue();
        control.takeFailure(); // an interrupted cell's, which stopped the declaration that has nothing to run
        return events.stream()
                .filter(event -> event.causeSnippet() == null && event.status() == Snippet.Status.VALID)
                .map(SnippetEvent::snippet)
                .filter(VarSnippet.class::isInstance)
                .map(VarSnippet.class::cast)
                .findFirst()
                .orElse(null);
    }
}
