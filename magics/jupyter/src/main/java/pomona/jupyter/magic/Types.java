package pomona.jupyter.magic;

/** Names of types in messages. */
final class Types {

    private Types() {}

    /** {@code a Table}, {@code an Evaluation}, {@code null}. */
    static String a(Object value) {
        return value == null ? "null" : a(value.getClass());
    }

    static String a(Class<?> type) {
        String name = type.getSimpleName();
        return ("AEIOU".indexOf(name.charAt(0)) >= 0 ? "an " : "a ") + name;
    }
}
