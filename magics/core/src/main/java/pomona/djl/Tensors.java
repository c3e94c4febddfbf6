package pomona.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Locale;
import pomona.graph.ElementType;
import pomona.graph.Tensor;

/** Copies between tensors, which are plain Java data, and the arrays of DJL's engines. */
public final class Tensors {

    /** What the training engine's arrays can hold, for messages. */
    static final String PYTORCH_TYPES =
            "arrays of DJL's PyTorch engine hold float, double, float16, uint8, int8, int32, int64 or bool";

    private static final int ALIGNMENT = 64;

    private Tensors() {}

    /**
     * A tensor with a copy of an array's elements.
     *
     * @throws IllegalArgumentException if ONNX has no type for the elements
     */
    public static Tensor of(NDArray array) {
        long[] shape = array.getShape().getShape();
        if (array.getDataType() == DataType.STRING) {
            return Tensor.ofStrings(Arrays.asList(array.toStringArray()), shape);
        }
        ByteBuffer bytes = array.toByteBuffer(false).order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.isDirect()) {
            bytes = ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
        }
        return Tensor.of(elementType(array.getDataType()), bytes, shape);
    }

    /**
     * An array with a copy of a tensor's elements.
     *
     * @param manager the manager that shall own the array; its engine is the array's engine
     * @throws IllegalArgumentException if DJL has no type for the elements
     */
    public static NDArray toArray(Tensor tensor, NDManager manager) {
        Shape shape = new Shape(tensor.shape());
        if (tensor.type() == ElementType.STRING) {
            return manager.create(tensor.strings().toArray(String[]::new), shape);
        }
        if (!isInPyTorch(tensor.type()) && manager.getEngine().getEngineName().equals("PyTorch")) {
            throw new IllegalArgumentException("A tensor " + tensor + " is of no use here; " + PYTORCH_TYPES + ".");
        }
        ByteBuffer bytes = tensor.data();
        ByteBuffer direct = aligned(bytes.remaining());
        direct.put(bytes).flip();
        return manager.create(direct, shape, dataType(tensor.type()));
    }

    /**
     * The same elements in memory that the engine owns, for arrays that are viewed and closed: memory of Java that an array
     * was made over goes with that array, also when views of it are left.
     */
    static NDArray inEngine(NDArray made) {
        try (made) {
            return made.duplicate();
        }
    }

    /**
     * Direct memory that begins at a multiple of 64 bytes, as the engines' own does. Matrix products take other paths,
     * and round otherwise, on memory that begins anywhere: the same seed would not give the same network.
     */
    private static ByteBuffer aligned(int bytes) {
        ByteBuffer memory = ByteBuffer.allocateDirect(bytes + ALIGNMENT);
        int past = memory.alignmentOffset(0, ALIGNMENT);
        int start = past == 0 ? 0 : ALIGNMENT - past;
        return memory.position(start).limit(start + bytes).slice().order(ByteOrder.nativeOrder());
    }

    /** Whether DJL's PyTorch engine has arrays of these elements. */
    static boolean isInPyTorch(ElementType type) {
        return switch (type) {
            case FLOAT, DOUBLE, FLOAT16, UINT8, INT8, INT32, INT64, BOOL -> true;
            default -> false;
        };
    }

    /**
     * The PyTorch engine's name of an element type.
     *
     * @throws IllegalArgumentException if it has no such arrays
     */
    static DataType torchType(ElementType type) {
        if (!isInPyTorch(type)) {
            throw new IllegalArgumentException(
                    "there are no arrays of " + type.name().toLowerCase(Locale.ROOT) + "; " + PYTORCH_TYPES);
        }
        return dataType(type);
    }

    /** DJL's name of an element type. */
    static DataType dataType(ElementType type) {
        return switch (type) {
            case FLOAT -> DataType.FLOAT32;
            case DOUBLE -> DataType.FLOAT64;
            case FLOAT16 -> DataType.FLOAT16;
            case BFLOAT16 -> DataType.BFLOAT16;
            case UINT8 -> DataType.UINT8;
            case INT8 -> DataType.INT8;
            case INT32 -> DataType.INT32;
            case INT64 -> DataType.INT64;
            case BOOL -> DataType.BOOLEAN;
            case STRING -> DataType.STRING;
            default ->
                throw new IllegalArgumentException(
                        "DJL has no arrays of " + type.name().toLowerCase(Locale.ROOT)
                                + "; it has float, double, float16, bfloat16, uint8, int8, int32, int64, bool and string.");
        };
    }

    /** The element type that DJL calls by that name. */
    public static ElementType elementType(DataType type) {
        return switch (type) {
            case FLOAT32 -> ElementType.FLOAT;
            case FLOAT64 -> ElementType.DOUBLE;
            case FLOAT16 -> ElementType.FLOAT16;
            case BFLOAT16 -> ElementType.BFLOAT16;
            case UINT8 -> ElementType.UINT8;
            case INT8 -> ElementType.INT8;
            case UINT16 -> ElementType.UINT16;
            case INT16 -> ElementType.INT16;
            case UINT32 -> ElementType.UINT32;
            case INT32 -> ElementType.INT32;
            case UINT64 -> ElementType.UINT64;
            case INT64 -> ElementType.INT64;
            case BOOLEAN -> ElementType.BOOL;
            case STRING -> ElementType.STRING;
            default -> throw new IllegalArgumentException("ONNX has no tensors of " + type + ".");
        };
    }
}
