package pomona.onnx;

import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import pomona.graph.ElementType;
import pomona.graph.Tensor;

/** Reads tensors in every form ONNX stores them: raw bytes, typed fields, and external files, which are mapped. */
final class TensorReader {

    private final String source;
    private final ExternalFiles files;

    /** Reads for the model named source; external data lies in the folder, or is refused when that is null. */
    TensorReader(String source, Path folder) {
        this.source = source;
        this.files = new ExternalFiles(folder);
    }

    /**
     * What a tensor says beyond its name, shape, type and data, with a mark when its data is in a typed field. Texts
     * that are no UTF-8 are kept, since strings of Java can not hold them.
     */
    static TensorProto strip(TensorProto proto) {
        TensorProto.Builder rest = proto.toBuilder()
                .clearName()
                .clearDims()
                .clearDataType()
                .clearRawData()
                .clearFloatData()
                .clearInt32Data()
                .clearInt64Data()
                .clearDoubleData()
                .clearUint64Data()
                .clearExternalData()
                .clearDataLocation();
        if (proto.getStringDataList().stream().allMatch(ByteString::isValidUtf8)) {
            rest.clearStringData();
        }
        boolean external = proto.getDataLocation() == TensorProto.DataLocation.EXTERNAL;
        if (!external && !proto.hasRawData() && proto.getDataType() != ElementType.STRING.code()) {
            Marks.TYPED_DATA.put(rest, ByteString.EMPTY);
        }
        return rest.build();
    }

    Tensor read(TensorProto proto) {
        try {
            ElementType type = ElementType.ofCode(proto.getDataType());
            long[] shape =
                    proto.getDimsList().stream().mapToLong(Long::longValue).toArray();
            if (type == ElementType.STRING) {
                return Tensor.ofStrings(strings(proto), shape);
            }
            return Tensor.of(type, data(proto, type), shape);
        } catch (IllegalArgumentException | ArithmeticException e) {
            String why =
                    e instanceof InvalidPathException ? "its data has no file name: " + e.getMessage() : e.getMessage();
            throw new IllegalArgumentException(
                    source + " is not a valid ONNX file: weight " + proto.getName() + ": " + why, e);
        }
    }

    static List<String> strings(TensorProto proto) {
        return proto.getStringDataList().stream().map(ByteString::toStringUtf8).toList();
    }

    private List<ByteBuffer> data(TensorProto proto, ElementType type) {
        if (proto.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
            return files.read(proto);
        }
        return List.of(proto.hasRawData() ? proto.getRawData().asReadOnlyByteBuffer() : TypedData.read(proto, type));
    }
}
