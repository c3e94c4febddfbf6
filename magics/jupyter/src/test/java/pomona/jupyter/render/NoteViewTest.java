package pomona.jupyter.render;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NoteViewTest {

    private final NoteView view = new NoteView();

    @Test
    void aNoteIsASentenceAfterWhatItIsAbout() {
        Note note = new Note("a<b", "3 of 4 layers static, 1.28x slower, 72,040 bytes of 424,915");
        assertThat(view.text(note)).isEqualTo("a<b: 3 of 4 layers static, 1.28x slower, 72,040 bytes of 424,915");
        assertThat(view.html(note))
                .startsWith("<div class=\"pomona\">")
                .endsWith(
                        "<p><b>a&lt;b</b> 3 of 4 layers static, 1.28x slower, 72,040\u00a0bytes of 424,915</p></div>");
        assertThat(view.html(new Note("Not measured: x."))).endsWith("<p>Not measured: x.</p></div>");
        assertThat(view.text(new Note("Not measured: x."))).isEqualTo("Not measured: x.");
    }

    @Test
    void numbersStayWithTheirUnits() {
        assertThat(Html.sentence(
                        "size 425 KB \u2192 71.5 KB (5.94x smaller), one run 44 \u00b5s, error 2.73 % \u2192 2.93 % on"
                                + " 512 records, 36.1 dB, 1 bit, 4 layers & 8 bytes"))
                .isEqualTo(
                        "size 425\u00a0KB \u2192 71.5\u00a0KB (5.94x smaller), one run 44\u00a0\u00b5s, error 2.73\u00a0% \u2192"
                                + " 2.93\u00a0% on 512\u00a0records, 36.1\u00a0dB, 1\u00a0bit, 4 layers &amp; 8\u00a0bytes");
    }
}
