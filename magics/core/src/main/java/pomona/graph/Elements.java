package pomona.graph;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;

/** Reads single elements of any numeric type out of little-endian bytes. */
final class Elements {

    private Elements() {}

    static double asDouble(ElementType type, ByteBuffer bytes, int index) {
        return switch (type) {
            case FLOAT -> bytes.getFloat(4 * index);
            case DOUBLE -> bytes.getDouble(8 * index);
            case FLOAT16 -> halfToFloat(bytes.getShort(2 * index));
            case BFLOAT16 -> Float.intBitsToFloat(bytes.getShort(2 * index) << 16);
            default -> asLong(type, bytes, index);
        };
    }

    static long asLong(ElementType type, ByteBuffer bytes, int index) {
        return switch (type) {
            case INT64, UINT64 -> bytes.getLong(8 * index);
            case INT32 -> bytes.getInt(4 * index);
            case UINT32 -> Integer.toUnsignedLong(bytes.getInt(4 * index));
            case INT16 -> bytes.getShort(2 * index);
            case UINT16 -> Short.toUnsignedLong(bytes.getShort(2 * index));
            case INT8 -> bytes.get(index);
            case UINT8, BOOL -> Byte.toUnsignedLong(bytes.get(index));
            case UINT4 -> nibble(bytes, index);
            case INT4 -> (byte) (nibble(bytes, index) << 4) >> 4;
            case FLOAT, DOUBLE, FLOAT16, BFLOAT16 -> (long) asDouble(type, bytes, index);
            default -> throw new IllegalArgumentException("Elements of type " + type + " can not be read as numbers.");
        };
    }

    static long countNonZeros(ElementType type, ByteBuffer bytes, long size) {
        int n = Math.toIntExact(size);
        long count = 0;
        if (type == ElementType.FLOAT) {
            FloatBuffer floats = bytes.asFloatBuffer();
            for (int i = 0; i < n; i++) {
                count += floats.get(i) != 0f ? 1 : 0;
            }
            return count;
        }
        for (int i = 0; i < n; i++) {
            count += asDouble(type, bytes, i) != 0 ? 1 : 0;
        }
        return count;
    }

    private static int nibble(ByteBuffer bytes, int index) {
        int pair = Byte.toUnsignedInt(bytes.get(index / 2));
        return (index & 1) == 0 ? pair & 0xF : pair >> 4;
    }

    /** IEEE 754 binary16 to binary32. */
    static float halfToFloat(short half) {
        int sign = (half & 0x8000) << 16;
        int exponent = half >> 10 & 0x1F;
        int fraction = half & 0x3FF;
        if (exponent == 0x1F) {
            return Float.intBitsToFloat(sign | 0x7F800000 | fraction << 13);
        }
        if (exponent == 0) {
            float magnitude = fraction * 0x1p-24f;
            return sign == 0 ? magnitude : -magnitude;
        }
        return Float.intBitsToFloat(sign | exponent + 112 << 23 | fraction << 13);
    }
}
