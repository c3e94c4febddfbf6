package pomona.quantize;

/**
 * Some rows of a weight as integers: unsigned codes, and for each block of a row the scale and the code that stands for
 * zero. A weight is about (code - zero) * scale.
 */
final class BlockCodes {

    /** Adding this to a float of less than 4 million leaves the nearest whole number in its lowest bits. */
    private static final float ROUNDING = 0x1.8p23f;

    private static final int ROUNDED_ZERO = Float.floatToRawIntBits(ROUNDING);

    final int rows;
    final int columns;
    final int blocks;
    final byte[] codes;
    final float[] scales;
    final byte[] zeros;
    private final int block;
    private final int largest;

    BlockCodes(int rows, int columns, BlockFormat format) {
        this.rows = rows;
        this.columns = columns;
        this.block = format.block();
        this.blocks = format.blocks(columns);
        this.largest = format.levels() - 1;
        this.codes = new byte[rows * columns];
        this.scales = new float[rows * blocks];
        this.zeros = new byte[rows * blocks];
    }

    /** The first column of a block. */
    int start(int ofBlock) {
        return ofBlock * block;
    }

    /** The column behind a block. */
    int end(int ofBlock) {
        return Math.min(columns, (ofBlock + 1) * block);
    }

    int blockOf(int column) {
        return column / block;
    }

    boolean startsBlock(int column) {
        return column % block == 0;
    }

    void set(int row, int ofBlock, BlockGrid grid) {
        scales[row * blocks + ofBlock] = grid.scale();
        zeros[row * blocks + ofBlock] = (byte) grid.zero();
    }

    /** Rounds a weight to the nearest integer of its block's scale and zero, and gives what it stands for. */
    float round(int row, int column, float weight) {
        int place = row * blocks + column / block;
        int zero = zeros[place] & 0xFF;
        int code = code(weight, scales[place], zero, largest);
        codes[row * columns + column] = (byte) code;
        return (code - zero) * scales[place];
    }

    /** Rounds some rows block by block. */
    void roundAll(float[] weights) {
        for (int r = 0; r < rows; r++) {
            for (int b = 0; b < blocks; b++) {
                float scale = scales[r * blocks + b];
                int zero = zeros[r * blocks + b] & 0xFF;
                for (int i = r * columns + start(b), end = r * columns + end(b); i < end; i++) {
                    codes[i] = (byte) code(weights[i], scale, zero, largest);
                }
            }
        }
    }

    static int code(float weight, float scale, int zero, int largest) {
        // Within what the trick can round; further out a weight is cut anyway.
        float steps = Math.max(-1e6f, Math.min(1e6f, weight / scale));
        int rounded = Float.floatToRawIntBits(steps + ROUNDING) - ROUNDED_ZERO + zero;
        return Math.max(0, Math.min(largest, rounded));
    }
}
