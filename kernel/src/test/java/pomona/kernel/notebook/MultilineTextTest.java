package pomona.kernel.notebook;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MultilineTextTest {

    @Test
    void splitsAndJoinsWithoutLoss() {
        for (String text : new String[] {"", "a", "a\n", "\n\n", "a\nb", "a\r\nb\n"}) {
            assertThat(MultilineText.join(MultilineText.split(text))).isEqualTo(text);
        }
        assertThat(MultilineText.split("a\nb")).hasSize(2);
    }

    @Test
    void settlesLikeATerminal() {
        assertThat(MultilineText.settle("10 %\r20 %\r100 %\nend")).isEqualTo("100 %\nend");
        assertThat(MultilineText.settle("long line\rshort")).isEqualTo("shortline");
        assertThat(MultilineText.settle("ab\bc\n")).isEqualTo("ac\n");
        assertThat(MultilineText.settle("a\r\nb\r\n")).isEqualTo("a\nb\n");
    }
}
