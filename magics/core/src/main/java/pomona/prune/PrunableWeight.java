package pomona.prune;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.util.stream.IntStream;
import pomona.graph.ElementType;
import pomona.graph.LayerWeight;
import pomona.graph.Tensor;

/**
 * One weight tensor as magnitudes that can be compared as integers: the bits of a non-negative float have the order of
 * its value.
 */
final class PrunableWeight {

    /** The number of elements that one task works on; large enough to hide the cost of a task. */
    static final int CHUNK = 1 << 16;

    private static final int MAGNITUDE = 0x7FFF_FFFF;
    private static final int INFINITY = 0x7F80_0000;

    private final LayerWeight weight;
    private final IntBuffer bits;
    private final int size;

    PrunableWeight(LayerWeight weight) {
        this.weight = weight;
        this.bits = bits(weight.tensor());
        this.size = bits.remaining();
        refuseInfinite();
    }

    private static IntBuffer bits(Tensor tensor) {
        if (tensor.type() == ElementType.FLOAT) {
            return tensor.data().asIntBuffer();
        }
        // Halves widen exactly; doubles round to the nearest float, which keeps their order but may make ties.
        return Tensor.ofFloats(tensor.toFloatArray(), tensor.size()).data().asIntBuffer();
    }

    String name() {
        return weight.name();
    }

    int size() {
        return size;
    }

    int chunks() {
        return (size + CHUNK - 1) / CHUNK;
    }

    int chunkStart(int chunk) {
        return chunk * CHUNK;
    }

    int chunkEnd(int chunk) {
        return (int) Math.min(size, (chunk + 1L) * CHUNK);
    }

    /** The magnitude of an element as the bits of a float. */
    int key(int index) {
        return bits.get(index) & MAGNITUDE;
    }

    /** The standard deviation of all elements, about their mean. */
    double standardDeviation() {
        double sum = 0;
        double squares = 0;
        // Added up in order, so that the result does not depend on the number of processors.
        for (double[] chunk :
                IntStream.range(0, chunks()).parallel().mapToObj(this::sums).toList()) {
            sum += chunk[0];
            squares += chunk[1];
        }
        double mean = sum / Math.max(1, size);
        return Math.sqrt(Math.max(0, squares / Math.max(1, size) - mean * mean));
    }

    private double[] sums(int chunk) {
        double sum = 0;
        double squares = 0;
        for (int i = chunkStart(chunk), end = chunkEnd(chunk); i < end; i++) {
            double value = Float.intBitsToFloat(bits.get(i));
            sum += value;
            squares += value * value;
        }
        return new double[] {sum, squares};
    }

    private void refuseInfinite() {
        boolean found = IntStream.range(0, chunks()).parallel().anyMatch(chunk -> {
            int worst = 0;
            for (int i = chunkStart(chunk), end = chunkEnd(chunk); i < end; i++) {
                worst = Math.max(worst, key(i));
            }
            return worst >= INFINITY;
        });
        if (found) {
            throw new IllegalArgumentException("Weight " + name() + " of layer " + weight.layer()
                    + " holds values that are NaN or infinite; weights to prune are finite.");
        }
    }

    /** A copy of the tensor to write zeros into. */
    ByteBuffer copy() {
        ByteBuffer source = weight.tensor().data();
        ByteBuffer copy = ByteBuffer.allocate(source.remaining()).order(ByteOrder.LITTLE_ENDIAN);
        return copy.put(source).flip();
    }

    /** Writes a zero into a copy. */
    void clear(ByteBuffer copy, int index) {
        switch (weight.tensor().type().bits()) {
            case 16 -> copy.putShort(2 * index, (short) 0);
            case 64 -> copy.putLong(8 * index, 0);
            default -> copy.putInt(4 * index, 0);
        }
    }

    /** A tensor of the same type and shape over a changed copy. */
    Tensor tensor(ByteBuffer copy) {
        return Tensor.of(weight.tensor().type(), copy, weight.tensor().shape());
    }
}
