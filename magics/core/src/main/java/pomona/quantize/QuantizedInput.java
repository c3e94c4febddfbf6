package pomona.quantize;

/**
 * An input that was quantized while the network runs.
 *
 * @param bytes the name of its bytes
 * @param scale the name of its scale: one number, or one for each row or image, with dimensions of one behind it
 * @param zero the name of its zero point, one byte
 */
record QuantizedInput(String bytes, String scale, String zero) {}
