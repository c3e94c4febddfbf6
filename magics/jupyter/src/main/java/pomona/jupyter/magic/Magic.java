package pomona.jupyter.magic;

import java.io.UncheckedIOException;
import java.util.List;
import org.dflib.jjava.jupyter.kernel.BaseKernel;
import org.dflib.jjava.jupyter.kernel.magic.LineMagic;
import pomona.graph.Network;

/**
 * One magic. Kernels find the type of its value in its class.
 *
 * @param <T> what it gives
 */
abstract class Magic<T> implements LineMagic<T, BaseKernel> {

    final Session session;

    Magic(Session session) {
        this.session = session;
    }

    /** Gives the value, or null when help was asked for and printed. */
    @Override
    public final T eval(BaseKernel kernel, List<String> args) {
        if (MagicCommand.asksForHelp(args)) {
            System.out.print(help());
            return null;
        }
        try {
            return run(args);
        } catch (UncheckedIOException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    abstract String help();

    /**
     * Does the work.
     *
     * @throws IllegalArgumentException if the line is wrong; the message is one sentence
     */
    abstract T run(List<String> args);

    /** The network that a name stands for. */
    final Network network(String name) {
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
