package pomona.jupyter.magic;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;
import javax.lang.model.SourceVersion;
import pomona.pass.NearestNames;

/** The session of the kernel that runs in this process, whichever it is. */
public final class KernelSession implements Session {

    /** How the kernel evaluates Java. */
    public interface Evaluator {
        /** The value of the expression, or null after a statement. */
        Object eval(String source) throws Exception;

        /** Shows a value in the running cell's output and gives back the id of its display. */
        default String display(Object value) {
            return "";
        }
    }

    /** Other kernels do not list their variables; those that magics were given before can be offered. */
    private final Set<String> seen = Collections.synchronizedSet(new LinkedHashSet<>());

    private final Evaluator evaluator;

    /** A session of the kernel that evaluates so. */
    public KernelSession(Evaluator evaluator) {
        this.evaluator = evaluator;
    }

    @Override
    public Object value(String name) {
        String expression = name.startsWith("{") && name.endsWith("}") ? name.substring(1, name.length() - 1) : name;
        if (expression.equals(name) && !SourceVersion.isName(name)) {
            throw new IllegalArgumentException(
                    name + " is not the name of a variable; put other Java expressions into braces.");
        }
        try {
            Object value = evaluator.eval(expression);
            seen.add(name);
            return value;
        } catch (IllegalArgumentException e) {
            // Pomona's own kernel says in a sentence what is missing, and which names are near.
            throw new IllegalArgumentException(e.getMessage(), e);
        } catch (Exception e) {
            if (!expression.equals(name)) {
                throw new IllegalArgumentException(name + " can not be evaluated: " + e.getMessage(), e);
            }
            Collection<String> near = NearestNames.of(name, names());
            throw new IllegalArgumentException("There is no variable " + name + NearestNames.suggest(name, near), e);
        }
    }

    @Override
    public void display(Object value) {
        evaluator.display(value);
    }

    @Override
    public Collection<String> names() {
        return Set.copyOf(seen);
    }
}
