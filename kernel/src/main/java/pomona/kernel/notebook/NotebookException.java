package pomona.kernel.notebook;

/** A notebook that can not be read or run as asked; the message is one sentence for the user. */
public final class NotebookException extends Exception {

    private static final long serialVersionUID = 1L;

    public NotebookException(String message) {
        super(message);
    }
}
