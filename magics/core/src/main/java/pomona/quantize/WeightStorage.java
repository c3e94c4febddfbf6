package pomona.quantize;

import java.util.Locale;
import pomona.graph.ElementType;

/** How the integers of weights that have few bits are stored. */
public enum WeightStorage {
    /** {@link #PACKED} for weights of 4 bits or fewer, {@link #BYTES} for others. */
    AUTO,

    /** A byte for each weight, whatever its bits. */
    BYTES,

    /**
     * Four weights of 2 bits or two of 3 or 4 bits in a byte, which is looked up in a table of the integers that are in
     * it. ONNX Runtime does that once, when it loads the network, and goes on with bytes: the same kernels, and outputs
     * that are the same bit for bit. Layers of fewer than 1024 weights keep bytes, which are smaller there.
     */
    PACKED,

    /**
     * The element type INT4 of operator set 21, for tools and accelerators that know it. ONNX Runtime 1.23 has no kernels
     * of integers for it, so it makes floats of these weights in each run and computes their layers in floats.
     */
    INT4;

    /** The most bits of weights that take less than a byte. */
    private static final int FEW = 4;

    /** The storage of weights of so many bits; never {@link #AUTO}. */
    WeightStorage of(int bits) {
        return this != AUTO ? this : bits <= FEW ? PACKED : BYTES;
    }

    /** The oldest operator set that has it. */
    long opset() {
        return this == INT4 ? 21 : 13;
    }

    /** The element type of zero points, and of weights when they are not packed. */
    ElementType element() {
        return this == INT4 ? ElementType.INT4 : ElementType.INT8;
    }

    /** Refuses bits for which there is no room. */
    void check(int bits) {
        if (bits > FEW && (this == PACKED || this == INT4)) {
            throw new IllegalArgumentException("Option storage is " + name().toLowerCase(Locale.ROOT)
                    + ", but weights have " + bits + " bits; it is for weights of 4 bits or fewer.");
        }
    }
}
