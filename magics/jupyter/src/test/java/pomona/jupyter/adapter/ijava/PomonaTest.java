package pomona.jupyter.adapter.ijava;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class PomonaTest {

    @Test
    void saysThatItIsForIJava() {
        assertThatThrownBy(Pomona::install)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("No IJava kernel runs in this process; install() is for cells of its notebooks.");
    }
}
