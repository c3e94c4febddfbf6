package pomona.jupyter.render;

/**
 * Shows values of one type, as HTML for notebooks and as plain text for terminals.
 *
 * @param <T> the type of value
 */
public interface View<T> {

    /** A self-contained piece of HTML; every text that comes from the value is escaped. */
    String html(T value);

    /** The same in plain text, without a line end after the last line. */
    String text(T value);
}
