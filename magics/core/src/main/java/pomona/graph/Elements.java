package pomona.graph;

import java.nio.ByteBuffer;
import java.nio.IntBuffer;

/** Reads single elements of any numeric type out of little-endian bytes. */
final class Elements {

    /** What is copied out of a buffer at once, since loops over arrays are the faster ones. */
    private static final int BLOCK = 1 << 12;

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
            case UINT4 -> packed(bytes, 4, index);
            case INT4 -> packed(bytes, 4, index) << 28 >> 28;
            case UINT2 -> packed(bytes, 2, index);
            case INT2 -> packed(bytes, 2, index) << 30 >> 30;
            case FLOAT, DOUBLE, FLOAT16, BFLOAT16 -> (long) asDouble(type, bytes, index);
            default -> throw new IllegalArgumentException("Elements of type " + type + " can not be read as numbers.");
        };
    }

    static long countNonZeros(Tensor tensor) {
        return tensor.stretches().parallelStream()
                .mapToLong(Elements::countNonZeros)
                .sum();
    }

    private static long countNonZeros(Stretch stretch) {
        return switch (stretch.type()) {
            case FLOAT -> countInts(stretch, 0x7FFF_FFFF);
            case FLOAT16, BFLOAT16 -> countShorts(stretch, 0x7FFF);
            case INT32, UINT32 -> countInts(stretch, -1);
            case INT16, UINT16 -> countShorts(stretch, 0xFFFF);
            case FLOAT8E4M3FN, FLOAT8E5M2 -> countBytes(stretch, 0x7F);
            case INT8, UINT8, BOOL, FLOAT8E4M3FNUZ, FLOAT8E5M2FNUZ -> countBytes(stretch, 0xFF);
            case DOUBLE -> countLongs(stretch, 1, Long.MAX_VALUE);
            case INT64, UINT64 -> countLongs(stretch, 1, -1);
            case COMPLEX64 -> countLongs(stretch, 1, 0x7FFF_FFFF_7FFF_FFFFL);
            case COMPLEX128 -> countLongs(stretch, 2, Long.MAX_VALUE);
            case INT4, UINT4, INT2, UINT2 -> countPacked(stretch, 0xF);
            case FLOAT4E2M1 -> countPacked(stretch, 0x7);
            // A scale of 2 to some power is never zero.
            case FLOAT8E8M0 -> stretch.size();
            case STRING -> stretch.size();
        };
    }

    private static long countInts(Stretch stretch, int mask) {
        IntBuffer ints = stretch.slice().asIntBuffer();
        int[] block = new int[Math.min(BLOCK, stretch.size())];
        long count = 0;
        while (ints.hasRemaining()) {
            int n = Math.min(block.length, ints.remaining());
            ints.get(block, 0, n);
            int found = 0;
            for (int i = 0; i < n; i++) {
                found += (block[i] & mask) != 0 ? 1 : 0;
            }
            count += found;
        }
        return count;
    }

    private static long countShorts(Stretch stretch, int mask) {
        ByteBuffer bytes = stretch.slice();
        long count = 0;
        for (int i = 0; i < stretch.size(); i++) {
            count += (bytes.getShort(2 * i) & mask) != 0 ? 1 : 0;
        }
        return count;
    }

    private static long countBytes(Stretch stretch, int mask) {
        ByteBuffer bytes = stretch.slice();
        long count = 0;
        for (int i = 0; i < stretch.size(); i++) {
            count += (bytes.get(i) & mask) != 0 ? 1 : 0;
        }
        return count;
    }

    private static long countLongs(Stretch stretch, int longs, long mask) {
        ByteBuffer bytes = stretch.slice();
        long count = 0;
        for (int i = 0; i < stretch.size(); i++) {
            long bits = 0;
            for (int j = 0; j < longs; j++) {
                bits |= bytes.getLong(8 * (longs * i + j)) & mask;
            }
            count += bits != 0 ? 1 : 0;
        }
        return count;
    }

    private static long countPacked(Stretch stretch, int mask) {
        long count = 0;
        for (int i = 0; i < stretch.size(); i++) {
            count += (packed(stretch.bytes(), stretch.type().bits(), stretch.index() + i) & mask) != 0 ? 1 : 0;
        }
        return count;
    }

    /** An element of two or four bits; the first ones of a byte are its lowest bits. */
    private static int packed(ByteBuffer bytes, int bits, int index) {
        int perByte = 8 / bits;
        return Byte.toUnsignedInt(bytes.get(index / perByte)) >> index % perByte * bits & (1 << bits) - 1;
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
