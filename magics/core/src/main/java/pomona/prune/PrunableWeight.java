package pomona.prune;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.util.List;
import java.util.stream.IntStream;
import pomona.calibrate.MatrixLayout;
import pomona.graph.ElementType;
import pomona.graph.LayerWeight;
import pomona.graph.Stretch;
import pomona.graph.TensorStore;

/**
 * One weight tensor as magnitudes that can be compared as integers: the bits of a non-negative float have the order of
 * its value. Halves widen exactly; doubles round to the nearest float, which keeps their order but may make ties.
 */
class PrunableWeight {

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

    /** The same weight, for one that is kept or goes by other keys. */
    PrunableWeight(PrunableWeight other) {
        this.weight = other.weight;
        this.stretches = other.stretches;
    }

    final String name() {
        return weight.name();
    }

    /** How the weight is read as a matrix. */
    final MatrixLayout layout() {
        return MatrixLayout.of(weight);
    }

    /** How many elements are kept or go, each by itself. */
    long size() {
        return weight.tensor().size();
    }

    /** A piece of a weight for one task of many in parallel. */
    interface Part {
        /** Gives how much each element matters, as a number of 0 or more in the right order, block by block. */
        void keys(Blocks use);
    }

    /** Pieces for tasks in parallel. */
    List<Part> parts() {
        return stretches.stream().map(PrunableWeight::part).toList();
    }

    /** The magnitudes of a stretch of any weight. */
    static Part part(Stretch stretch) {
        return use -> magnitudes(stretch, use);
    }

    /** The keys of all elements; for weights of which each fits into an array. */
    int[] keys() {
        int[] keys = new int[Math.toIntExact(weight.tensor().size())];
        for (Stretch stretch : stretches) {
            magnitudes(
                    stretch,
                    (block, start, count) ->
                            System.arraycopy(block, 0, keys, Math.toIntExact(stretch.from()) + start, count));
        }
        return keys;
    }

    /** How much an element of a key matters; the magnitude here. */
    float score(int key) {
        return Float.intBitsToFloat(key);
    }

    /** Takes keys, block by block. */
    interface Blocks {
        /** The first {@code count} of an array, which are those from the place {@code start} of a part on. */
        void take(int[] keys, int start, int count);
    }

    /** Gives the magnitudes of a stretch, as the bits of floats. */
    private static void magnitudes(Stretch stretch, Blocks blocks) {
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

    /** Copies the weight with zeros where keys are below a key, and where they equal it, the first so many of each part. */
    void copy(TensorStore.Room room, int key, long[] ties) {
        IntStream.range(0, ties.length).parallel().forEach(s -> copy(stretches.get(s), room, key, ties[s]));
    }

    /** Copies the weight as it is. */
    final void copyAll(TensorStore.Room room) {
        stretches.parallelStream().forEach(stretch -> room.put(stretch.from(), stretch.slice()));
    }

    /** All of a copy, to write zeros into; for weights of which each fits into a buffer. */
    final ByteBuffer whole(TensorStore.Room room) {
        return room.at(0, Math.toIntExact(weight.tensor().size()));
    }

    /** Writes a zero into a copy. */
    final void clear(ByteBuffer whole, int element) {
        clear(whole, weight.tensor().type(), element);
    }

    /**
     * Copies a stretch with zeros where magnitudes are below a key, and where they equal it, the first ones only.
     *
     * @param ties how many of the magnitudes equal to the key become zero
     */
    private static void copy(Stretch stretch, TensorStore.Room room, int key, long ties) {
        ByteBuffer target = ByteBuffer.allocate(Math.toIntExact(stretch.type().bytes(stretch.size())))
                .order(ByteOrder.LITTLE_ENDIAN);
        if (stretch.type() == ElementType.FLOAT && ties == 0) {
            copyFloats(stretch, target.asIntBuffer(), key);
        } else {
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
        room.put(stretch.from(), target);
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
