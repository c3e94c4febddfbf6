package pomona.jupyter.render;

/**
 * A sentence beside what a cell gives.
 *
 * @param subject what it is about, such as the name of a network; empty when the sentence says it
 * @param text the sentence
 */
public record Note(String subject, String text) {

    /** A sentence that says what it is about. */
    public Note(String text) {
        this("", text);
    }

    @Override
    public String toString() {
        return subject.isEmpty() ? text : subject + ": " + text;
    }
}
