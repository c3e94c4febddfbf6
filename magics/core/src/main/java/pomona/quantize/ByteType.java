package pomona.quantize;

/** The bytes that the weights of a dynamically quantized network become. */
public enum ByteType {
    /** -127 to 127. */
    INT8,
    /** The same about a zero point of 128; processors without VNNI instructions do not clip products of these. */
    UINT8
}
