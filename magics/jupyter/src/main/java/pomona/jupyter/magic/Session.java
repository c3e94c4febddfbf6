package pomona.jupyter.magic;

import java.util.Collection;

/** The variables of a running Java session. */
public interface Session {

    /**
     * The value of a variable, or of an expression in braces.
     *
     * @throws IllegalArgumentException if there is no such variable; the message is one sentence
     */
    Object value(String name);

    /** Names to offer when somebody misspells one; need not be complete. */
    Collection<String> names();

    /** Shows a value beside what the magic gives, where there is a place to show it. */
    default void display(Object value) {
        // without a cell there is none
    }
}
