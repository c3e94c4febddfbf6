package pomona.jupyter.adapter.rapaio;

import java.util.ArrayList;
import java.util.List;

/** The words of a magic's line, split as Pomona's own kernel splits them: quotes, backslashes and braces keep blanks. */
final class MagicWords {

    private final String line;
    private final List<String> words = new ArrayList<>();
    private final StringBuilder word = new StringBuilder();
    private boolean inWord;
    private char quote;
    private int braces;

    private MagicWords(String line) {
        this.line = line;
    }

    static List<String> of(String line) {
        MagicWords words = new MagicWords(line);
        for (int at = 0; at < line.length(); at++) {
            at = words.take(at);
        }
        words.endWord();
        return words.words;
    }

    /** Takes the character at a position and gives back the position of the last one it took. */
    private int take(int at) {
        char c = line.charAt(at);
        if (braces > 0 || c == '{' && quote == 0) {
            braces += c == '{' ? 1 : c == '}' ? -1 : 0;
            append(c);
        } else if (quote == 0 && Character.isWhitespace(c)) {
            endWord();
        } else if (c == quote) {
            quote = 0;
        } else if (quote == 0 && (c == '"' || c == '\'')) {
            quote = c;
            inWord = true;
        } else if (c == '\\' && quote != '\'' && at + 1 < line.length()) {
            append(line.charAt(at + 1));
            return at + 1;
        } else {
            append(c);
        }
        return at;
    }

    private void append(char c) {
        word.append(c);
        inWord = true;
    }

    private void endWord() {
        if (inWord) {
            words.add(word.toString());
            word.setLength(0);
            inWord = false;
        }
    }
}
