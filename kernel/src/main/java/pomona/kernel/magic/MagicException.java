package pomona.kernel.magic;

/** Tells the user, in one sentence, what was wrong with a magic's line or why it could not be done. */
public class MagicException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Says the sentence. */
    public MagicException(String sentence) {
        super(sentence);
    }

    /** Says the sentence, and keeps why. */
    public MagicException(String sentence, Throwable cause) {
        super(sentence, cause);
    }
}
