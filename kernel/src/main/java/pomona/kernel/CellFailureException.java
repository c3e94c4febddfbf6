package pomona.kernel;

/** Thrown to code that evaluates Java inside a cell when that Java does not compile; the message is one sentence. */
final class CellFailureException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    CellFailureException(String sentence) {
        super(sentence);
    }
}
