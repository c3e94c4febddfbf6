package pomona.quantize;

/**
 * How the numbers of a stored weight stand for those of the weight.
 *
 * @param bits the bits that its integers use, which may be fewer than they are stored in; of floats those of the levels that
 *     they were rounded to; 0 when there are neither integers nor levels
 * @param block how many neighbouring weights of an output share a scale; 0 when an output or the whole weight has one
 * @param codebook how many values there are, zero among them, when each weight is a place in a list of values; otherwise 0
 */
public record WeightCode(int bits, long block, int codebook) {

    /** Floats. */
    static final WeightCode FLOATS = new WeightCode(0, 0, 0);
}
