package pomona.quantize;

import pomona.graph.Tensor;

/** How the indices of shared weights are stored; all of it is standard ONNX that any runtime turns into floats. */
public enum IndexLayout {

    /** What makes the smallest {@code .onnx.xz} file as a rule: gaps for layers with many zeros, else packed. */
    AUTO,

    /** One byte for each weight. */
    BYTES,

    /** As many indices in a byte as there is room for: 8 of 1 bit, 4 of 2 bits, 2 of 3 or 4 bits, 1 of more. */
    PACKED,

    /**
     * For weights that are not zero only: the distance from the one before, and an index, several of which are packed in
     * a byte. Layers without zeros are packed.
     */
    GAPS;

    /** From this share of non-zeros on, zeros with an index are smaller than gaps in an .onnx.xz file. */
    private static final double MOST_DENSE = 0.125;

    /** The layout for a weight whose elements that are zero stay zero; never {@link #AUTO}. */
    IndexLayout of(long nonZeros, long size) {
        if (this == BYTES || this == PACKED || nonZeros == size) {
            return this == BYTES ? BYTES : PACKED;
        }
        return this == GAPS || nonZeros < size * MOST_DENSE ? GAPS : PACKED;
    }

    IndexLayout of(Tensor tensor) {
        return of(tensor.countNonZeros(), tensor.size());
    }
}
