package pomona.onnx;

import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.nio.ByteBuffer;
import pomona.graph.ElementType;
import pomona.graph.Tensor;

/** Writes tensors as raw bytes, as typed fields where the file they came from did, or beside the model. */
final class TensorWriter {

    private final ExternalData external;

    /** Writes large weights to external data, or everything into the model when that is null. */
    TensorWriter(ExternalData external) {
        this.external = external;
    }

    /** The tensor of a weight, merged into what was kept of it. */
    TensorProto weight(TensorProto base, Tensor tensor) {
        if (external == null || !external.takes(tensor)) {
            return inline(base, tensor);
        }
        TensorProto.Builder builder = started(base, tensor);
        Marks.TYPED_DATA.take(builder);
        external.add(tensor, builder);
        return builder.build();
    }

    /** The tensor with its elements in it, merged into what was kept of it. */
    static TensorProto inline(TensorProto base, Tensor tensor) {
        TensorProto.Builder builder = started(base, tensor);
        boolean typed = Marks.TYPED_DATA.take(builder) != null;
        if (tensor.type() == ElementType.STRING) {
            if (!TensorReader.strings(base).equals(tensor.strings())) {
                builder.clearStringData();
                tensor.strings().forEach(s -> builder.addStringData(ByteString.copyFromUtf8(s)));
            }
        } else if (typed && tensor.parts().size() == 1) {
            TypedData.write(tensor, builder);
        } else {
            ByteString raw = ByteString.EMPTY;
            for (ByteBuffer part : tensor.parts()) {
                raw = raw.concat(UnsafeByteOperations.unsafeWrap(part));
            }
            builder.setRawData(raw);
        }
        return builder.build();
    }

    private static TensorProto.Builder started(TensorProto base, Tensor tensor) {
        TensorProto.Builder builder = base.toBuilder().setDataType(tensor.type().code());
        for (long dim : tensor.shape()) {
            builder.addDims(dim);
        }
        return builder;
    }
}
