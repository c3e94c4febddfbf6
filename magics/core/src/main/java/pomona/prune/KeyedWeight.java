package pomona.prune;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import pomona.graph.TensorStore;

/** A weight of which pieces are kept or go by keys of their own, which are held in memory. */
abstract class KeyedWeight extends PrunableWeight {

    private static final int PART = 1 << 16;

    private final int[] keys;

    /**
     * @param pieces how many pieces the weight has
     */
    KeyedWeight(PrunableWeight weight, int pieces) {
        super(weight);
        weight.refuseInfinite();
        keys = new int[pieces];
    }

    /** Sets the key of a piece, while the weight is made. */
    final void set(int piece, int key) {
        keys[piece] = key;
    }

    /** Writes zeros over a piece. */
    abstract void clearPiece(ByteBuffer whole, int piece);

    @Override
    final long size() {
        return keys.length;
    }

    @Override
    final int[] keys() {
        return keys;
    }

    @Override
    final List<Part> parts() {
        List<Part> parts = new ArrayList<>();
        for (int start = 0; start < keys.length; start += PART) {
            int from = start;
            int count = Math.min(PART, keys.length - start);
            parts.add(use -> {
                int[] block = new int[Math.min(BLOCK, count)];
                for (int done = 0; done < count; done += block.length) {
                    int some = Math.min(block.length, count - done);
                    System.arraycopy(keys, from + done, block, 0, some);
                    use.take(block, done, some);
                }
            });
        }
        return parts;
    }

    @Override
    final void copy(TensorStore.Room room, int key, long[] ties) {
        copyAll(room);
        ByteBuffer whole = whole(room);
        IntStream.range(0, ties.length).parallel().forEach(part -> {
            long left = ties[part];
            for (int piece = part * PART, end = Math.min(keys.length, piece + PART); piece < end; piece++) {
                if (keys[piece] < key || keys[piece] == key && left-- > 0) {
                    clearPiece(whole, piece);
                }
            }
        });
    }

    /** The keys were checked when they were made. */
    @Override
    final void refuseInfinite() {}
}
