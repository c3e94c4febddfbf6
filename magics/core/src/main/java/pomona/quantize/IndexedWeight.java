package pomona.quantize;

import java.util.stream.IntStream;
import pomona.graph.Tensor;

/**
 * A weight as a place in a codebook for each of its elements.
 *
 * @param name the name of the weight that it stands for
 * @param shape the shape of that weight
 * @param indices for each element the place of its value in the codebook; with {@code zero}, 0 is the value zero and 1
 *     the first of the codebook
 * @param codebook the values, in rising order after k-means; 1 to 256 of them
 * @param zero whether zero is a value beside those of the codebook; it stays zero when the codebook is trained
 */
record IndexedWeight(String name, long[] shape, byte[] indices, float[] codebook, boolean zero) {

    /** As many elements as one task looks at. */
    private static final int BLOCK = 1 << 16;

    /** How many elements are not zero. */
    int nonZeros() {
        int count = 0;
        for (byte index : indices) {
            count += zero && index == 0 ? 0 : 1;
        }
        return count;
    }

    /**
     * Shares a tensor's elements among the centroids that k-means finds. Where some elements are zero, as pruning leaves
     * them, zero is one of the values, and no other element becomes zero.
     *
     * @param layout how it will be stored
     * @param bits the bits of an index, 1 to 8; with {@link IndexLayout#GAPS} zero needs no index
     */
    static IndexedWeight cluster(
            String name, Tensor tensor, IndexLayout layout, int bits, CentroidStart start, long seed) {
        float[] values = tensor.toFloatArray();
        float[] kept = new float[values.length];
        int count = 0;
        for (float value : values) {
            if (value != 0) {
                kept[count++] = value;
            }
        }
        boolean zero = count < values.length;
        int most = (1 << bits) - (zero && layout != IndexLayout.GAPS ? 1 : 0);
        float[] codebook = count == 0 ? new float[] {1} : new Centroids(kept, count).find(most, start, seed);
        return of(name, tensor.shape(), values, codebook, zero);
    }

    /** Gives each element the nearest value of a codebook in rising order; zeros stay zero where zero is a value. */
    static IndexedWeight of(String name, long[] shape, float[] values, float[] codebook, boolean zero) {
        byte[] indices = new byte[values.length];
        int first = zero ? 1 : 0;
        IntStream.range(0, (values.length + BLOCK - 1) / BLOCK).parallel().forEach(block -> {
            int end = Math.min(values.length, (block + 1) * BLOCK);
            for (int i = block * BLOCK; i < end; i++) {
                boolean isZero = zero && values[i] == 0;
                indices[i] = isZero ? 0 : (byte) (Centroids.nearest(codebook, values[i]) + first);
            }
        });
        return new IndexedWeight(name, shape, indices, codebook, zero);
    }
}
