package pomona.quantize;

import java.util.List;
import pomona.pass.Option;

/**
 * How weights become small integers in blocks: every few neighbouring weights of an output share a scale.
 *
 * @param bits the bits of a weight, 4 or 8
 * @param block how many weights along the inputs share a scale: 16, 32, 64, 128 or 256; the last block of an output may
 *     be shorter, and is filled up for kernels, so that a large block can take more room than a smaller one
 * @param symmetric whether zero is in the middle of the integers, or each block has a zero point, which is more exact and
 *     a little larger
 * @param form how they are stored and run
 * @param embeddings whether the tables of Gather are quantized too, besides the weights of MatMul and Gemm
 * @param integerProducts whether the kernels may round what they multiply with to 8 bits while they run, which is
 *     faster and a little less exact; only for the kernel form. Kernels of 8-bit weights always do: without, ONNX Runtime
 *     would turn such weights into floats in each run
 */
public record BlockFormat(
        @Option(value = "bits of a weight, 4 or 8", defaultsTo = "4")
        int bits,

        @Option(value = "weights that share a scale: 16, 32, 64, 128 or 256", defaultsTo = "32")
        int block,

        @Option(value = "no zero points: the integers' middle is zero", defaultsTo = "true")
        boolean symmetric,

        @Option(value = "kernel: ONNX Runtime's n-bit operators; standard: DequantizeLinear", defaultsTo = "kernel")
        WeightForm form,

        @Option(value = "the tables of Gather too", defaultsTo = "true")
        boolean embeddings,

        @Option(
                value = "let kernels of 4 bits round what they multiply with to 8 bits, which is faster",
                defaultsTo = "false")
        boolean integerProducts) {

    static final List<Integer> BLOCKS = List.of(16, 32, 64, 128, 256);

    /** Four bits in blocks of 32, symmetric, for the kernels of ONNX Runtime, embeddings included. */
    public static final BlockFormat INT4 = new BlockFormat(4, 32, true, WeightForm.KERNEL, true, false);

    public BlockFormat {
        checkBits(bits);
        if (!BLOCKS.contains(block)) {
            throw new IllegalArgumentException("Option block is " + block + ", but it must be 16, 32, 64, 128 or 256.");
        }
        if (form == null) {
            throw new IllegalArgumentException("Option form was not given; it is kernel or standard.");
        }
        if (integerProducts && form != WeightForm.KERNEL) {
            throw new IllegalArgumentException("Option integer-products is for the kernel form; the form is standard.");
        }
    }

    static void checkBits(int bits) {
        if (bits != 4 && bits != 8) {
            throw new IllegalArgumentException("Option bits is " + bits + ", but weights take 4 or 8.");
        }
    }

    BlockFormat withBits(int otherBits) {
        return new BlockFormat(otherBits, block, symmetric, form, embeddings, integerProducts);
    }

    BlockFormat withBlock(int otherBlock) {
        return new BlockFormat(bits, otherBlock, symmetric, form, embeddings, integerProducts);
    }

    /** Whether kernels round what they multiply with. */
    boolean multipliesIntegers() {
        return integerProducts || bits == Byte.SIZE;
    }

    /** The number of integers a weight can be. */
    int levels() {
        return 1 << bits;
    }

    /** The integer, counted from 0, that stands for zero where blocks have no zero points. */
    int middle() {
        return levels() / 2;
    }

    /** The blocks of a row of that many weights. */
    int blocks(int columns) {
        return (columns + block - 1) / block;
    }
}
