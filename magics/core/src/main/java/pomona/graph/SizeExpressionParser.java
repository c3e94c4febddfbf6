package pomona.graph;

import java.util.ArrayList;
import java.util.List;

/** Reads the texts of size expressions; a text that is none, as some files have, is one symbol as a whole. */
final class SizeExpressionParser {

    private SizeExpressionParser() {}

    /** A division rounded down. */
    record Floor(SizeExpression dividend, long divisor) {}

    static SizeExpression parse(String text) {
        SizeExpression sum = SizeExpression.of(0);
        for (String term : split(text, "+-")) {
            SizeExpression product = product(term);
            if (product == null) {
                return SizeExpression.symbol(text);
            }
            sum = sum.plus(product);
        }
        return sum.toString().length() <= text.length() ? sum : SizeExpression.symbol(text);
    }

    private static SizeExpression product(String signed) {
        boolean negative = signed.startsWith("-");
        String text = negative || signed.startsWith("+") ? signed.substring(1) : signed;
        SizeExpression product = SizeExpression.of(negative ? -1 : 1);
        for (String raw : split(text, "*")) {
            String factor = raw.startsWith("*") ? raw.substring(1) : raw;
            if (factor.matches("\\d{1,18}")) {
                product = product.times(Long.parseLong(factor));
            } else if (factor.matches("[A-Za-z_][\\w.:]*") || floor(factor) != null) {
                product = product.times(SizeExpression.symbol(factor));
            } else {
                return null;
            }
        }
        return product;
    }

    /** The parts of a {@code floor(a/b)}, or null when the text is something else. */
    static Floor floor(String text) {
        int slash = text.lastIndexOf('/');
        if (!text.startsWith("floor(") || !text.endsWith(")") || slash < 0) {
            return null;
        }
        String divisor = text.substring(slash + 1, text.length() - 1);
        String dividend = text.substring("floor(".length(), slash);
        if (!divisor.matches("[1-9]\\d{0,17}") || !isBalanced(dividend)) {
            return null;
        }
        boolean wrapped = dividend.startsWith("(") && isBalanced(dividend.substring(1, dividend.length() - 1));
        return new Floor(
                parse(wrapped ? dividend.substring(1, dividend.length() - 1) : dividend), Long.parseLong(divisor));
    }

    private static boolean isBalanced(String text) {
        int depth = 0;
        for (char c : text.toCharArray()) {
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            if (depth < 0) {
                return false;
            }
        }
        return depth == 0 && !text.isEmpty();
    }

    /** Cuts before each of these characters that stands outside parentheses and not at the beginning. */
    private static List<String> split(String text, String before) {
        List<String> parts = new ArrayList<>();
        int depth = 0;
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            if (depth == 0 && i > start && before.indexOf(c) >= 0) {
                parts.add(text.substring(start, i));
                start = i;
            }
        }
        parts.add(text.substring(start));
        return parts;
    }
}
