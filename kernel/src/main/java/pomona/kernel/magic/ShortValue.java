package pomona.kernel.magic;

import java.lang.reflect.Array;
import java.util.Collection;
import java.util.Map;
import java.util.StringJoiner;

/** A value in a few words. */
public final class ShortValue {

    private static final int WIDTH = 80;
    private static final int ELEMENTS = 6;

    private ShortValue() {}

    /** At most 80 characters on one line. */
    public static String of(Object value) {
        try {
            return shorten(text(value, 0), WIDTH);
        } catch (RuntimeException | StackOverflowError e) {
            return "(its toString throws " + e.getClass().getSimpleName() + ")";
        }
    }

    /** One line of at most so many characters. */
    static String shorten(String text, int width) {
        String line = text.strip().replaceAll("\\s*\\R\\s*", " ⏎ ");
        if (line.codePointCount(0, line.length()) <= width) {
            return line;
        }
        return line.substring(0, line.offsetByCodePoints(0, width - 1)) + "…";
    }

    private static String text(Object value, int depth) {
        if (value instanceof CharSequence text) {
            return '"'
                    + shorten(
                            text.subSequence(0, Math.min(text.length(), 4 * WIDTH))
                                    .toString(),
                            WIDTH)
                    + '"';
        } else if (value instanceof Character) {
            return "'" + value + "'";
        } else if (value instanceof Collection<?> all) {
            return several(
                    all.size(),
                    depth,
                    all.getClass().getSimpleName(),
                    all.stream().limit(ELEMENTS).toArray());
        } else if (value instanceof Map<?, ?> map) {
            Object[] entries = map.entrySet().stream().limit(ELEMENTS).toArray();
            return several(map.size(), depth, map.getClass().getSimpleName(), entries);
        } else if (value != null && value.getClass().isArray()) {
            int length = Array.getLength(value);
            Object[] first = new Object[Math.min(length, ELEMENTS)];
            for (int i = 0; i < first.length; i++) {
                first[i] = Array.get(value, i);
            }
            return several(length, depth, "", first);
        }
        return String.valueOf(value);
    }

    private static String several(int size, int depth, String type, Object[] first) {
        if (depth > 1) {
            return type + "(" + size + ")";
        }
        StringJoiner out = new StringJoiner(", ", "[", "]");
        for (Object one : first) {
            out.add(text(one, depth + 1));
        }
        if (size > first.length) {
            out.add("…");
        }
        return (depth == 0 && size > first.length ? size + " elements: " : "") + out;
    }
}
