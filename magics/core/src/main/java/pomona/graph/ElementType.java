package pomona.graph;

/** The type of a tensor's elements, with the number ONNX gives it (TensorProto.DataType) and its width in bits. */
public enum ElementType {
    FLOAT(1, 32),
    UINT8(2, 8),
    INT8(3, 8),
    UINT16(4, 16),
    INT16(5, 16),
    INT32(6, 32),
    INT64(7, 64),
    STRING(8, 0),
    BOOL(9, 8),
    FLOAT16(10, 16),
    DOUBLE(11, 64),
    UINT32(12, 32),
    UINT64(13, 64),
    COMPLEX64(14, 64),
    COMPLEX128(15, 128),
    BFLOAT16(16, 16),
    FLOAT8E4M3FN(17, 8),
    FLOAT8E4M3FNUZ(18, 8),
    FLOAT8E5M2(19, 8),
    FLOAT8E5M2FNUZ(20, 8),
    UINT4(21, 4),
    INT4(22, 4),
    FLOAT4E2M1(23, 4),
    FLOAT8E8M0(24, 8),
    UINT2(25, 2),
    INT2(26, 2);

    private final int code;
    private final int bits;

    ElementType(int code, int bits) {
        this.code = code;
        this.bits = bits;
    }

    /** The number of this type in ONNX files. */
    public int code() {
        return code;
    }

    /** The width of one element in bits; 0 for strings, whose width varies. */
    public int bits() {
        return bits;
    }

    /** The bytes that {@code count} elements take; types narrower than a byte are packed. */
    public long bytes(long count) {
        return bits < 8 ? Math.addExact(Math.multiplyExact(count, bits), 7) / 8 : Math.multiplyExact(count, bits / 8);
    }

    /** Whether elements of this type are learned values: any floating-point type. */
    public boolean isFloating() {
        return switch (this) {
            case FLOAT,
                    FLOAT16,
                    DOUBLE,
                    BFLOAT16,
                    FLOAT8E4M3FN,
                    FLOAT8E4M3FNUZ,
                    FLOAT8E5M2,
                    FLOAT8E5M2FNUZ,
                    FLOAT4E2M1,
                    FLOAT8E8M0 -> true;
            default -> false;
        };
    }

    /**
     * The type with that ONNX number.
     *
     * @throws IllegalArgumentException if ONNX has no such type, or one that is younger than this library
     */
    public static ElementType ofCode(int code) {
        for (ElementType type : values()) {
            if (type.code == code) {
                return type;
            }
        }
        throw new IllegalArgumentException("Element type " + code + " is not known; known are 1 to 26.");
    }
}
