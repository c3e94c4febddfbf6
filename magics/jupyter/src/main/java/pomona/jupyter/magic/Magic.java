package pomona.jupyter.magic;

import java.io.UncheckedIOException;
import java.lang.reflect.ParameterizedType;
import java.util.List;
import java.util.regex.Pattern;
import picocli.CommandLine.Model.CommandSpec;
import pomona.graph.Network;

/**
 * One line magic, which knows no kernel: adapters register it with theirs.
 *
 * @param <T> what it gives
 */
public abstract class Magic<T> {

    private static final Pattern FILE = Pattern.compile("[^{}]+\\.(onnx|onnx\\.xz|pt|safetensors)");

    final Session session;

    Magic(Session session) {
        this.session = session;
    }

    /** The type of its value, which every magic's class names. */
    @SuppressWarnings("unchecked")
    public final Class<T> type() {
        Class<?> magic = getClass();
        while (magic.getSuperclass() != Magic.class) {
            magic = magic.getSuperclass();
        }
        return (Class<T>) ((ParameterizedType) magic.getGenericSuperclass()).getActualTypeArguments()[0];
    }

    /**
     * Gives the value, or null when help was asked for and printed.
     *
     * @param args the line's words after the magic's name
     * @throws IllegalArgumentException if the line is wrong; the message is one sentence
     */
    public final T eval(List<String> args) {
        if (MagicCommand.asksForHelp(args)) {
            System.out.print(help(args));
            return null;
        }
        try {
            return run(args);
        } catch (UncheckedIOException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /** The help that {@code --help} prints. */
    public final String help() {
        return help(List.of());
    }

    /** The help of a line that asks for it; what else the line says may decide on it. */
    String help(List<String> line) {
        return command(List.of()).usage();
    }

    /** What the line takes, for kernels that complete it; the words so far may decide on the options. */
    public final CommandSpec commandSpec(List<String> words) {
        return command(words).spec();
    }

    /** What the line takes. */
    abstract MagicCommand command(List<String> words);

    /**
     * Does the work.
     *
     * @throws IllegalArgumentException if the line is wrong; the message is one sentence
     */
    abstract T run(List<String> args);

    /** The network that a name stands for. */
    final Network network(String name) {
        if (FILE.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    name + " is no variable; read the file first: Network net = %network " + name);
        }
        Object value = session.value(name);
        if (value instanceof Network network) {
            return network;
        }
        String hint = isTrainable(value) ? "; %network " + name + " makes one of it." : ".";
        throw new IllegalArgumentException(name + " is " + Types.a(value) + ", but it takes a Network" + hint);
    }

    /** A value of that type. */
    final <V> V value(String name, Class<V> type) {
        Object value = session.value(name);
        if (!type.isInstance(value)) {
            throw new IllegalArgumentException(
                    name + " is " + Types.a(value) + ", but it takes " + Types.a(type) + ".");
        }
        return type.cast(value);
    }

    private static boolean isTrainable(Object value) {
        return value instanceof ai.djl.Model || value instanceof ai.djl.nn.Block;
    }
}
