package pomona.jupyter.render;

/** Shows a sentence, after what it is about. */
final class NoteView implements View<Note> {

    @Override
    public String html(Note note) {
        String subject = note.subject().isEmpty() ? "" : "<b>" + Html.escape(note.subject()) + "</b> ";
        return Html.frame("<p>" + subject + Html.sentence(note.text()) + "</p>");
    }

    @Override
    public String text(Note note) {
        return note.toString();
    }
}
