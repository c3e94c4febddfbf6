package pomona.kernel;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Asks magics what they take. A magic that wants to be completed and documented has a method {@code CommandSpec
 * commandSpec(List<String> words)}, given the words of the line so far, and may have a method {@code String help()}.
 * Both are looked for by name, so that a magic needs nothing of this kernel.
 */
final class MagicSpecs {

    private MagicSpecs() {}

    /** What a magic takes, or null when it does not say. */
    static CommandSpec spec(Object magic, List<String> words) {
        return call(magic, "commandSpec", List.of(List.class), List.of(words)) instanceof CommandSpec spec
                ? spec
                : null;
    }

    /** A magic's help, or null when it has none. */
    static String help(Object magic) {
        if (call(magic, "help", List.of(), List.of()) instanceof String text) {
            return text;
        }
        CommandSpec spec = spec(magic, List.of());
        return spec == null ? null : new CommandLine(spec).getUsageMessage(CommandLine.Help.Ansi.OFF);
    }

    /** The first sentence of a magic's description; empty when it has none. */
    static String summary(Object magic) {
        CommandSpec spec = spec(magic, List.of());
        String[] lines = spec == null ? new String[0] : spec.usageMessage().description();
        if (lines.length == 0) {
            return "";
        }
        String text = lines[0].replace("%%", "%");
        int end = text.indexOf(". ");
        return end < 0 ? text : text.substring(0, end + 1);
    }

    private static Object call(Object magic, String name, List<Class<?>> types, List<Object> arguments) {
        for (Class<?> type = magic.getClass(); type != null; type = type.getSuperclass()) {
            try {
                Method method = type.getDeclaredMethod(name, types.toArray(Class<?>[]::new));
                method.setAccessible(true);
                return method.invoke(magic, arguments.toArray());
            } catch (NoSuchMethodException e) {
                continue;
            } catch (IllegalAccessException | InvocationTargetException | RuntimeException e) {
                // A magic that can not tell is used without being completed.
                return null;
            }
        }
        return null;
    }
}
