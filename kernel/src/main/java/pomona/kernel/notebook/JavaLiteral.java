package pomona.kernel.notebook;

/** Turns the text of a parameter into the Java literal that its variable's type needs. */
final class JavaLiteral {

    private JavaLiteral() {}

    /** The literal for a declared type; a type without literals gets the text as a Java expression. */
    static String of(String type, String value, String name) throws NotebookException {
        String simple = type.substring(type.lastIndexOf('.') + 1);
        try {
            return switch (simple) {
                case "String", "CharSequence" -> quote(value);
                case "Path" -> "java.nio.file.Path.of(" + quote(value) + ")";
                case "File" -> "new java.io.File(" + quote(value) + ")";
                case "int", "Integer" -> Integer.toString(Integer.parseInt(value.strip()));
                case "long", "Long" -> Long.parseLong(value.strip()) + "L";
                case "short", "Short" -> "(short) " + Short.parseShort(value.strip());
                case "byte", "Byte" -> "(byte) " + Byte.parseByte(value.strip());
                case "double", "Double" -> floating(Double.parseDouble(value.strip()), "Double", "");
                case "float", "Float" -> floating(Float.parseFloat(value.strip()), "Float", "f");
                case "boolean", "Boolean" -> bool(value.strip());
                case "char", "Character" -> character(value);
                default -> value;
            };
        } catch (IllegalArgumentException e) {
            throw new NotebookException("--param " + name + "=" + value + ": " + name + " is "
                    + ("aeiouAEIOU".indexOf(simple.charAt(0)) < 0 ? "a " : "an ") + simple + ", so give "
                    + example(simple) + ".");
        }
    }

    /** The literal of the type the text looks like: a boolean, a whole number, a number, else a string. */
    static String guess(String value) {
        for (String type : new String[] {"boolean", "int", "long", "double"}) {
            try {
                return of(type, value, "");
            } catch (NotebookException e) {
                // Not of that type: try the next.
            }
        }
        return quote(value);
    }

    static String quote(String value) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < value.length(); i++) {
            quoted.append(escape(value.charAt(i), '"'));
        }
        return quoted.append('"').toString();
    }

    private static String escape(char c, char quote) {
        if (c == quote || c == '\\') {
            return "\\" + c;
        }
        return switch (c) {
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            default -> c < ' ' ? String.format("\\u%04x", (int) c) : String.valueOf(c);
        };
    }

    private static String floating(double number, String box, String suffix) {
        if (Double.isNaN(number)) {
            return box + ".NaN";
        }
        if (Double.isInfinite(number)) {
            return box + (number > 0 ? ".POSITIVE_INFINITY" : ".NEGATIVE_INFINITY");
        }
        return suffix.isEmpty() ? Double.toString(number) : Float.toString((float) number) + suffix;
    }

    private static String bool(String value) {
        if (!value.equals("true") && !value.equals("false")) {
            throw new IllegalArgumentException(value);
        }
        return value;
    }

    private static String character(String value) {
        if (value.length() != 1) {
            throw new IllegalArgumentException(value);
        }
        return "'" + escape(value.charAt(0), '\'') + "'";
    }

    private static String example(String type) {
        return switch (type) {
            case "boolean", "Boolean" -> "true or false";
            case "char", "Character" -> "one character";
            case "double", "Double", "float", "Float" -> "a number such as 0.5";
            case "byte", "Byte" -> "a whole number from -128 to 127";
            case "short", "Short" -> "a whole number from -32768 to 32767";
            case "int", "Integer" -> "a whole number from -2147483648 to 2147483647";
            default -> "a whole number such as 3";
        };
    }
}
