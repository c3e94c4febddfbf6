package pomona.quantize;

/** Writes the operators that quantize an input while the network runs, and those that undo its scale. */
interface RangeWriter {

    /**
     * Quantizes a value; a value that several operators take alike is quantized once.
     *
     * @param axes the dimensions that a range is taken over when it is not taken over all
     */
    QuantizedInput quantize(String value, long[] axes, GraphDraft draft);

    /**
     * Turns the 32-bit sums of a layer into floats.
     *
     * @param sum the name of the sums
     * @param weightScale the name of the weight's scale
     * @param output the name that the result has
     */
    void rescale(String sum, QuantizedInput input, String weightScale, String output, String base, GraphDraft draft);
}
