package pomona.quantize;

/** How weights that are quantized in blocks are stored and run. */
public enum WeightForm {
    /**
     * For the n-bit kernels of ONNX Runtime: its operators MatMulNBits and GatherBlockQuantized. Weights that
     * anything but a product or a look-up reads, and tables of 8 bits, are in the standard form.
     */
    KERNEL,
    /**
     * In the standard's own operators, with a DequantizeLinear of blocks that makes the weight: runs anywhere. ONNX Runtime
     * turns 4-bit weights of MatMul in this form into its n-bit kernels by itself, which then round what they multiply
     * with to 8 bits.
     */
    STANDARD
}
