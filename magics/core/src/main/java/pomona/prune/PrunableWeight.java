package pomona.prune;

import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.util.List;
import pomona.graph.ElementType;
import pomona.graph.LayerWeight;
import pomona.graph.Stretch;
import pomona.graph.TensorStore;

/**
 * One weight tensor as magnitudes that can be compared as integers: the bits of a non-negative float have the order of
 * its value. Halves widen exactly; doubles round to the nearest float, which keeps their order but may make ties.
 */
final class PrunableWeight {

    /** The bits of the smallest magnitude that is no finite number. */
    static final int INFINITY = 0x7F80_0000;

    /** How many magnitudes are looked at together: as many as the processor's first cache holds. */
    static final int BLOCK = 1 << 12;

    private static final int MAGNITUDE = 0x7FFF_FFFF;

    private final LayerWeight weight;
    private final List<Stretch> stretches;

    PrunableWeight(LayerWeight weight) {
        this.weight = weight;
        this.stretches = weight.tensor().stretches();
    }

    String name() {
        return weight.name();
    }

    long size() {
        return weight.tensor().size();
    }

    long bytes() {
        return weight.tensor().bytes();
    }

    /** Pieces for tasks in parallel. */
    List<Stretch> stretches() {
        return stretches;
    }

    /** Takes magnitudes, block by block. */
    interface Blocks {
        /** The first {@code count} of an array, which are those from the place {@code start} of a stretch on. */
        void take(int[] magnitudes, int start, int count);
    }

    /** Gives the magnitudes of a stretch, as the bits of floats. */
    static void magnitudes(Stretch stretch, Blocks blocks) {
        int[] block = new int[Math.min(BLOCK, stretch.size())];
        for (int start = 0; start < stretch.size(); start += block.length) {
            int count = Math.min(block.length, stretch.size() - start);
            stretch.toFloatBits(start, count, block);
            for (int i = 0; i < count; i++) {
                block[i] &= MAGNITUDE;
            }
            blocks.take(block, start, count);
        }
    }

    /** The standard deviation of all elements, about their mean. */
    double standardDeviation() {
        double sum = 0;
        double squares = 0;
        // Added up in order, so that the result does not depend on the number of processors.
        for (double[] part :
                stretches.parallelStream().map(PrunableWeight::sums).toList()) {
            sum += part[0];
            squares += part[1];
        }
        double mean = sum / Math.max(1, size());
        return Math.sqrt(Math.max(0, squares / Math.max(1, size()) - mean * mean));
    }

    private static double[] sums(Stretch stretch) {
        int[] block = new int[Math.min(BLOCK, stretch.size())];
        double sum = 0;
        double squares = 0;
        for (int start = 0; start < stretch.size(); start += block.length) {
            int count = Math.min(block.length, stretch.size() - start);
            stretch.toFloatBits(start, count, block);
            for (int i = 0; i < count; i++) {
                double value = Float.intBitsToFloat(block[i]);
                sum += value;
                squares += value * value;
            }
        }
        return new double[] {sum, squares};
    }

    /** Refuses a weight that has an element which is no finite number. */
    void refuseInfinite() {
        boolean found = stretches.parallelStream().anyMatch(stretch -> {
            int[] worst = new int[1];
            magnitudes(stretch, (magnitudes, start, count) -> {
                for (int i = 0; i < count; i++) {
                    worst[0] = Math.max(worst[0], magnitudes[i]);
                }
            });
            return worst[0] >= INFINITY;
        });
        if (found) {
            throw new IllegalArgumentException("Weight " + name() + " of layer " + weight.layer()
                    + " holds values that are NaN or infinite; weights to prune are finite.");
        }
    }

    /** Room for the pruned weight. */
    TensorStore.Room room(TensorStore store) {
        return store.allocate(weight.tensor().type(), weight.tensor().shape());
    }

    /**
     * Copies a stretch with zeros where magnitudes are below a key, and where they equal it, the first ones only.
     *
     * @param ties how many of the magnitudes equal to the key become zero
     */
    static void copy(Stretch stretch, TensorStore.Room room, int key, long ties) {
        ByteBuffer target = room.at(stretch.from(), stretch.size());
        boolean floats = stretch.type() == ElementType.FLOAT;
        if (floats && ties == 0) {
            copyFloats(stretch, target.asIntBuffer(), key);
            return;
        }
        target.put(0, stretch.slice(), 0, target.limit());
        long[] left = {ties};
        magnitudes(stretch, (magnitudes, start, count) -> {
            for (int i = 0; i < count; i++) {
                if (magnitudes[i] < key || magnitudes[i] == key && left[0]-- > 0) {
                    clear(target, stretch.type(), start + i);
                }
            }
        });
    }

    private static void copyFloats(Stretch stretch, IntBuffer target, int key) {
        int[] block = new int[Math.min(BLOCK, stretch.size())];
        for (int start = 0; start < stretch.size(); start += block.length) {
            int count = Math.min(block.length, stretch.size() - start);
            stretch.toFloatBits(start, count, block);
            for (int i = 0; i < count; i++) {
                int bits = block[i];
                block[i] = (bits & MAGNITUDE) < key ? 0 : bits;
            }
            target.put(block, 0, count);
        }
    }

    private static void clear(ByteBuffer target, ElementType type, int index) {
        switch (type.bits()) {
            case 16 -> target.putShort(2 * index, (short) 0);
            case 64 -> target.putLong(8 * index, 0);
            default -> target.putInt(4 * index, 0);
        }
    }
}
