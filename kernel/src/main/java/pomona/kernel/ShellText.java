package pomona.kernel;

import java.util.ArrayList;
import java.util.List;

/**
 * A shell's command in which braces hold Java values.
 *
 * <p>Braces that mean something to the shell stay: those after a dollar sign, in single quotes, with a comma or two dots
 * outside parentheses, or with a blank behind the opening one.
 */
final class ShellText {

    private ShellText() {}

    /** The Java expression of type String that gives the command. */
    static String expression(String text) {
        List<String> parts = new ArrayList<>();
        StringBuilder plain = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            quoted ^= c == '\'';
            int end = c == '{' && !quoted && !text.startsWith("$", i - 1) ? MagicLine.closing(text, i) : -1;
            if (end > 0 && isJava(text.substring(i + 1, end))) {
                parts.add(MagicLine.literal(plain.toString()));
                parts.add("pomona.kernel.CellRuntime.argument(" + text.substring(i + 1, end) + ")");
                plain.setLength(0);
                i = end;
            } else {
                plain.append(c);
            }
        }
        if (!plain.isEmpty() || parts.isEmpty()) {
            parts.add(MagicLine.literal(plain.toString()));
        }
        return String.join(" + ", parts);
    }

    private static boolean isJava(String inside) {
        if (inside.isBlank() || Character.isWhitespace(inside.charAt(0)) || inside.contains("..")) {
            return false;
        }
        int depth = 0;
        for (int i = 0; i < inside.length(); i++) {
            char c = inside.charAt(i);
            depth += "([".indexOf(c) >= 0 ? 1 : ")]".indexOf(c) >= 0 ? -1 : 0;
            if (c == ',' && depth == 0) {
                return false;
            }
        }
        return true;
    }
}
