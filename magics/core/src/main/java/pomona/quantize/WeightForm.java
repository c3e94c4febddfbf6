package pomona.quantize;

/** How weights that are quantized in blocks are stored and run. */
public enum WeightForm {
    /**
     * For the n-bit kernels of ONNX Runtime: its operators MatMulNBits and GatherBlockQuantized. What they do not take is
     * in the standard form: 8 bits, and weights that anything but a product or a look-up reads.
     */
    KERNEL,
    /**
     * In the standard's own operators, with a DequantizeLinear of blocks that makes the weight: runs anywhere. ONNX Runtime
     * turns 4-bit weights of MatMul in this form into its n-bit kernels by itself, which then round what they multiply
     * with to 8 bits.
     */
    STANDARD
}
