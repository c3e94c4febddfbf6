package pomona.kernel;

import java.util.ArrayList;
import java.util.List;

/** The words of a magic's line up to the cursor; the last one may be half typed, or empty. */
final class MagicWords {

    private final String text;
    private final List<String> words = new ArrayList<>();
    private final List<Integer> starts = new ArrayList<>();
    private String last = "";
    private int lastStart;
    private int openBrace = -1;

    private MagicWords(String text) {
        this.text = text;
        this.lastStart = text.length();
    }

    /** Splits what stands behind a position. */
    static MagicWords of(String text, int from) {
        MagicWords words = new MagicWords(text);
        words.split(from);
        return words;
    }

    private void split(int from) {
        StringBuilder word = new StringBuilder();
        int start = -1;
        char quote = 0;
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quote == 0 && Character.isWhitespace(c)) {
                if (start >= 0) {
                    words.add(word.toString());
                    starts.add(start);
                }
                word.setLength(0);
                start = -1;
                continue;
            }
            start = start < 0 ? i : start;
            if (quote == 0 && c == '{') {
                int end = MagicLine.closing(text, i);
                if (end < 0) {
                    openBrace = i;
                    break;
                }
                word.append(text, i, end + 1);
                i = end;
            } else if (c == '\\' && quote != '\'' && i + 1 < text.length()) {
                word.append(text.charAt(++i));
            } else if (c == quote || quote == 0 && (c == '"' || c == '\'')) {
                quote = quote == 0 ? c : 0;
            } else {
                word.append(c);
            }
        }
        if (start >= 0) {
            last = word.toString();
            lastStart = start;
        }
    }

    /** The words before the last one. */
    List<String> whole() {
        return words;
    }

    /** Where one of the words begins. */
    int start(int index) {
        return starts.get(index);
    }

    /** What is typed of the last word. */
    String last() {
        return last;
    }

    int lastStart() {
        return lastStart;
    }

    int end() {
        return text.length();
    }

    /** The brace that is open at the end, or -1. */
    int openBrace() {
        return openBrace;
    }

    /** The same with the value of {@code --option=value} as the last word. */
    MagicWords atValue() {
        MagicWords other = new MagicWords(text);
        other.last = last.substring(last.indexOf('=') + 1);
        other.lastStart = text.length() - other.last.length();
        return other;
    }
}
