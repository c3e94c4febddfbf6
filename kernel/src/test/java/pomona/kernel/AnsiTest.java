package pomona.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AnsiTest {

    @Test
    void weightAndNoColourMarksErrors() {
        assertThat(Ansi.error("wrong")).isEqualTo("\u001b[1mwrong\u001b[0m");
        assertThat(Ansi.warning("odd")).isEqualTo("\u001b[1modd\u001b[0m");
    }
}
