package pomona.quantize;

import java.nio.ByteBuffer;
import java.util.stream.IntStream;
import pomona.graph.ElementType;
import pomona.graph.LayerWeight;
import pomona.graph.Tensor;
import pomona.graph.TensorStore;

/**
 * A weight as blocks of integers while it is written, some rows at a time, by several threads if wanted.
 *
 * <p>For products in kernels, codes are unsigned and lie row by row, the first of a byte in its low bits, each row filled
 * up to a whole number of blocks. Elsewhere the integers have the weight's own layout: signed when they are symmetric.
 */
final class BlockStore {

    /** Floats that one thread works on at once, at most. */
    private static final long TILE = 1 << 22;

    /** What makes codes of some rows. */
    @FunctionalInterface
    interface Rounding {
        void round(float[] weights, BlockCodes codes);
    }

    private final WeightMatrix matrix;
    private final BlockFormat format;
    private final boolean packed;
    private final TensorStore.Room values;
    private final float[] scales;
    private final byte[] zeros;
    private final int blocks;

    /** @param packed whether the weight is for products in kernels */
    BlockStore(WeightMatrix matrix, BlockFormat format, boolean packed, TensorStore store) {
        this.matrix = matrix;
        this.format = format;
        this.packed = packed;
        this.blocks = format.blocks(matrix.columns());
        this.values = packed
                ? store.allocate(ElementType.UINT8, matrix.rows(), blocks, blobBytes())
                : store.allocate(type(), matrix.shape(matrix.columns()));
        this.scales = new float[Math.multiplyExact(matrix.rows(), blocks)];
        this.zeros = new byte[format.symmetric() ? 0 : scales.length];
    }

    /**
     * The bytes of the integers, scales and zero points with another block.
     *
     * @param filled whether each row is filled up to whole blocks where kernels want that, or ends with its last weight
     */
    long bytes(int block, boolean filled) {
        long rows = matrix.rows();
        long count = format.withBlock(block).blocks(matrix.columns());
        long row = packed && filled ? count * block : matrix.columns();
        long zeros = 0;
        if (!format.symmetric()) {
            // In kernels the zero points of each row begin with a byte.
            zeros = packed ? rows * bytes(count) : bytes(rows * count);
        }
        return bytes(rows * row) + rows * count * Float.BYTES + zeros;
    }

    /** The bytes of so many integers. */
    private long bytes(long integers) {
        return (integers * format.bits() + Byte.SIZE - 1) / Byte.SIZE;
    }

    WeightMatrix matrix() {
        return matrix;
    }

    boolean packed() {
        return packed;
    }

    BlockFormat format() {
        return format;
    }

    private int blobBytes() {
        return format.block() * format.bits() / Byte.SIZE;
    }

    private ElementType type() {
        return format.bits() == 4
                ? format.symmetric() ? ElementType.INT4 : ElementType.UINT4
                : format.symmetric() ? ElementType.INT8 : ElementType.UINT8;
    }

    /** Rounds the whole weight in parallel, tile by tile. */
    void fill(Rounding rounding) {
        int rows = matrix.rows();
        int height = tileRows();
        IntStream.range(0, (rows + height - 1) / height).parallel().forEach(tile -> {
            int first = tile * height;
            int count = Math.min(height, rows - first);
            float[] weights = new float[count * matrix.columns()];
            matrix.read(first, count, weights);
            BlockCodes codes = new BlockCodes(count, matrix.columns(), format);
            rounding.round(weights, codes);
            put(first, codes);
        });
    }

    /** An even number of rows, so that each tile of 4-bit integers begins with a byte, where that is enough. */
    private int tileRows() {
        int rows = matrix.rows();
        if (!packed && format.bits() == 4 && (matrix.byRows() ? matrix.columns() % 2 != 0 : rows % 2 != 0)) {
            return rows;
        }
        long memory = Runtime.getRuntime().maxMemory() / 64;
        long floats =
                Math.max(1 << 12, Math.min(TILE, memory / Runtime.getRuntime().availableProcessors()));
        long height = Math.max(2, floats / Math.max(1, matrix.columns()) / 2 * 2);
        // Small weights too are shared among the processors.
        long share = (rows / (2L * Runtime.getRuntime().availableProcessors()) + 1) / 2 * 2;
        return (int) Math.min(rows, Math.max(2, Math.min(height, share)));
    }

    /** Stores some rows. */
    void put(int first, BlockCodes codes) {
        putScales(first, codes);
        if (packed) {
            putPacked(first, codes);
        } else if (matrix.byRows()) {
            byte[] flat = codes.codes;
            values.put((long) first * codes.columns, stored(flat.length, i -> flat[i]));
        } else if (codes.rows == matrix.rows()) {
            int rows = codes.rows;
            values.put(0, stored(codes.codes.length, i -> codes.codes[i % rows * codes.columns + i / rows]));
        } else {
            for (int column = 0; column < codes.columns; column++) {
                int c = column;
                values.put((long) column * matrix.rows() + first, stored(codes.rows, r -> codes.codes[
                        r * codes.columns + c]));
            }
        }
    }

    private void putScales(int first, BlockCodes codes) {
        for (int r = 0; r < codes.rows; r++) {
            for (int b = 0; b < blocks; b++) {
                int from = r * blocks + b;
                boolean byRows = packed || matrix.byRows();
                int to = byRows ? (first + r) * blocks + b : b * matrix.rows() + first + r;
                scales[to] = codes.scales[from];
                if (zeros.length > 0) {
                    zeros[to] = codes.zeros[from];
                }
            }
        }
    }

    private void putPacked(int first, BlockCodes codes) {
        int width = blobBytes();
        byte[] bytes = new byte[codes.rows * blocks * width];
        int perByte = Byte.SIZE / format.bits();
        for (int r = 0; r < codes.rows; r++) {
            for (int b = 0; b < blocks; b++) {
                int zero = codes.zeros[r * blocks + b];
                int place = (r * blocks + b) * width;
                for (int i = 0; i < format.block(); i++) {
                    int column = codes.start(b) + i;
                    int code = column < codes.columns ? codes.codes[r * codes.columns + column] : zero;
                    bytes[place + i / perByte] |= (byte) ((code & 0xFF) << i % perByte * format.bits());
                }
            }
        }
        values.put((long) first * blocks * width, ByteBuffer.wrap(bytes));
    }

    private interface Codes {
        byte at(int index);
    }

    /** Codes as they are stored in the standard form: signed when they are symmetric, two in a byte when of 4 bits. */
    private ByteBuffer stored(int count, Codes codes) {
        int shift = format.symmetric() ? format.middle() : 0;
        if (format.bits() == 8) {
            byte[] bytes = new byte[count];
            for (int i = 0; i < count; i++) {
                bytes[i] = (byte) (codes.at(i) - shift);
            }
            return ByteBuffer.wrap(bytes);
        }
        return PackedIntegers.pack(4, count, i -> codes.at(i) - shift);
    }

    /** The integers; everything was put. */
    Tensor values() {
        for (float scale : scales) {
            if (!Float.isFinite(scale)) {
                throw Quantizable.infinite(matrix.weight());
            }
        }
        return values.tensor();
    }

    /** The scales: one after the other for kernels, else in the weight's layout. */
    Tensor scales() {
        return packed ? Tensor.ofFloats(scales, scales.length) : Tensor.ofFloats(scales, matrix.shape(blocks));
    }

    /** The zero points, or null when there are none. */
    Tensor zeros() {
        if (format.symmetric()) {
            return null;
        }
        if (format.bits() == 8) {
            return packed
                    ? Tensor.ofBytes(ElementType.UINT8, zeros, zeros.length)
                    : Tensor.ofBytes(ElementType.UINT8, zeros, matrix.shape(blocks));
        }
        if (!packed) {
            return Tensor.of(ElementType.UINT4, stored(zeros.length, i -> zeros[i]), matrix.shape(blocks));
        }
        // In kernels the zero points of each row begin with a byte.
        int width = (blocks + 1) / 2;
        byte[] bytes = new byte[matrix.rows() * width];
        for (int i = 0; i < zeros.length; i++) {
            bytes[i / blocks * width + i % blocks / 2] |= (byte) (zeros[i] << i % blocks % 2 * 4);
        }
        return Tensor.ofBytes(ElementType.UINT8, bytes, bytes.length);
    }

    /** The weight that is stored. */
    LayerWeight weight() {
        return matrix.weight();
    }
}
