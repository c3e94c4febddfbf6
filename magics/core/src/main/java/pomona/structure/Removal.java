package pomona.structure;

import java.util.Arrays;
import java.util.BitSet;
import java.util.stream.IntStream;
import pomona.graph.NetworkBuilder;
import pomona.graph.Tensor;

/** Channels on their way out: tells rewriting rules what is left of an axis. */
final class Removal {

    private final Units units;
    private final BitSet gone;
    private final NetworkBuilder builder;

    Removal(Units units, BitSet gone, NetworkBuilder builder) {
        this.units = units;
        this.gone = gone;
        this.builder = builder;
    }

    boolean isGone(int channel) {
        return gone.get(units.find(channel));
    }

    /** Whether an axis loses something; an axis without channels does not. */
    boolean changes(int[] channels) {
        return channels != null && Arrays.stream(channels).anyMatch(this::isGone);
    }

    boolean changes(int[][] axes) {
        return Arrays.stream(axes).anyMatch(this::changes);
    }

    /** The places of an axis that are left, in order. */
    int[] kept(int[] channels) {
        return IntStream.range(0, channels.length)
                .filter(place -> !isGone(channels[place]))
                .toArray();
    }

    /** How many places of a stretch of an axis are left. */
    int count(int[] channels, int from, int to) {
        int count = 0;
        for (int place = from; place < to; place++) {
            count += isGone(channels[place]) ? 0 : 1;
        }
        return count;
    }

    int count(int[] channels) {
        return count(channels, 0, channels.length);
    }

    /** Adds a constant of integers, under a name like the wish, and gives its name. */
    String constant(String wish, long... values) {
        String name = builder.freshName(wish);
        builder.weight(name, Tensor.ofLongs(values, values.length));
        return name;
    }

    /** Adds a constant, under a name like the wish, and gives its name. */
    String constant(String wish, Tensor tensor) {
        String name = builder.freshName(wish);
        builder.weight(name, tensor);
        return name;
    }
}
