package pomona.jupyter.adapter.rapaio;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MagicWordsTest {

    @Test
    void splitsAtBlanks() {
        assertThat(MagicWords.of("  prune net   --sparsity 0.9 ")).containsExactly("prune", "net", "--sparsity", "0.9");
        assertThat(MagicWords.of("")).isEmpty();
    }

    @Test
    void quotesBackslashesAndBracesKeepBlanks() {
        assertThat(MagicWords.of("a \"b c\"d 'e \\f' g\\ h ''")).containsExactly("a", "b cd", "e \\f", "g h", "");
        assertThat(MagicWords.of("prune {nets.get(\"a b\")} --layers {List.of(1, 2)}"))
                .containsExactly("prune", "{nets.get(\"a b\")}", "--layers", "{List.of(1, 2)}");
    }
}
