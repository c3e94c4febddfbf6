package pomona.onnx;

import ai.onnx.proto.OnnxMl.TensorProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import pomona.graph.ElementType;
import pomona.graph.Tensor;

/**
 * The elements of a tensor in the field of their type, which some exporters use instead of raw bytes.
 *
 * <p>Types of 32 bits and less lie in the field of 32-bit integers, two 4-bit elements in one; source: onnx.proto,
 * message TensorProto.
 */
final class TypedData {

    private TypedData() {}

    static ByteBuffer read(TensorProto proto, ElementType type) {
        return switch (type) {
            case FLOAT, COMPLEX64 -> {
                ByteBuffer bytes = allocate(4, proto.getFloatDataCount());
                proto.getFloatDataList().forEach(bytes::putFloat);
                yield bytes.flip();
            }
            case DOUBLE, COMPLEX128 -> {
                ByteBuffer bytes = allocate(8, proto.getDoubleDataCount());
                proto.getDoubleDataList().forEach(bytes::putDouble);
                yield bytes.flip();
            }
            case INT64 -> {
                ByteBuffer bytes = allocate(8, proto.getInt64DataCount());
                proto.getInt64DataList().forEach(bytes::putLong);
                yield bytes.flip();
            }
            case UINT64, UINT32 -> {
                ByteBuffer bytes = allocate(type.bits() / 8, proto.getUint64DataCount());
                proto.getUint64DataList().forEach(v -> put(bytes, type.bits(), v));
                yield bytes.flip();
            }
            default -> {
                int bits = Math.max(8, type.bits());
                ByteBuffer bytes = allocate(bits / 8, proto.getInt32DataCount());
                proto.getInt32DataList().forEach(v -> put(bytes, bits, v));
                yield bytes.flip();
            }
        };
    }

    private static void put(ByteBuffer bytes, int bits, long value) {
        switch (bits) {
            case 8 -> bytes.put((byte) value);
            case 16 -> bytes.putShort((short) value);
            case 32 -> bytes.putInt((int) value);
            default -> bytes.putLong(value);
        }
    }

    static void write(Tensor tensor, TensorProto.Builder proto) {
        ByteBuffer bytes = tensor.data();
        while (bytes.hasRemaining()) {
            switch (tensor.type()) {
                case FLOAT, COMPLEX64 -> proto.addFloatData(bytes.getFloat());
                case DOUBLE, COMPLEX128 -> proto.addDoubleData(bytes.getDouble());
                case INT64 -> proto.addInt64Data(bytes.getLong());
                case UINT64 -> proto.addUint64Data(bytes.getLong());
                case UINT32 -> proto.addUint64Data(Integer.toUnsignedLong(bytes.getInt()));
                case INT32 -> proto.addInt32Data(bytes.getInt());
                case INT16 -> proto.addInt32Data(bytes.getShort());
                case UINT16, FLOAT16, BFLOAT16 -> proto.addInt32Data(Short.toUnsignedInt(bytes.getShort()));
                case INT8 -> proto.addInt32Data(bytes.get());
                default -> proto.addInt32Data(Byte.toUnsignedInt(bytes.get()));
            }
        }
    }

    private static ByteBuffer allocate(int width, int count) {
        return ByteBuffer.allocate(Math.multiplyExact(width, count)).order(ByteOrder.LITTLE_ENDIAN);
    }
}
