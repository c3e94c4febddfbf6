package pomona.jupyter.adapter;

import java.util.List;
import pomona.jupyter.magic.Magic;

/** Calls magics so that a mistake on the line reaches the user as its one sentence, without Pomona's own frames. */
public final class UserMistakes {

    private static final StackTraceElement[] NO_FRAMES = {};

    private UserMistakes() {}

    /**
     * Gives the magic's value.
     *
     * @throws IllegalArgumentException if the line is wrong; it has the sentence, and neither frames nor causes
     */
    public static <T> T hidingFrames(Magic<T> magic, List<String> args) {
        try {
            return magic.eval(args);
        } catch (IllegalArgumentException e) {
            IllegalArgumentException mistake = new IllegalArgumentException(e.getMessage());
            mistake.setStackTrace(NO_FRAMES);
            throw mistake;
        }
    }
}
