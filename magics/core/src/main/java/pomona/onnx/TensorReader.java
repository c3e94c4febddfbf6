package pomona.onnx;

import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.stream.Collectors;
import pomona.graph.ElementType;
import pomona.graph.Tensor;

/** Reads tensors in every form ONNX stores them: raw bytes, typed fields, and external files, which are mapped. */
final class TensorReader {

    private final String source;
    private final Path folder;

    /** Reads for the model named source; external data lies in the folder, or is refused when that is null. */
    TensorReader(String source, Path folder) {
        this.source = source;
        this.folder = folder;
    }

    /** What a tensor says beyond its name, shape, type and data. */
    static TensorProto strip(TensorProto proto) {
        return proto.toBuilder()
                .clearName()
                .clearDims()
                .clearDataType()
                .clearRawData()
                .clearFloatData()
                .clearInt32Data()
                .clearInt64Data()
                .clearDoubleData()
                .clearUint64Data()
                .clearStringData()
                .clearExternalData()
                .clearDataLocation()
                .build();
    }

    Tensor read(TensorProto proto) {
        try {
            ElementType type = ElementType.ofCode(proto.getDataType());
            long[] shape =
                    proto.getDimsList().stream().mapToLong(Long::longValue).toArray();
            if (type == ElementType.STRING) {
                return Tensor.ofStrings(
                        proto.getStringDataList().stream()
                                .map(ByteString::toStringUtf8)
                                .toList(),
                        shape);
            }
            return Tensor.of(type, data(proto, type), shape);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new IllegalArgumentException(
                    source + " is not a valid ONNX file: weight " + proto.getName() + ": " + e.getMessage(), e);
        }
    }

    private ByteBuffer data(TensorProto proto, ElementType type) {
        if (proto.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
            return external(proto);
        }
        return proto.hasRawData() ? proto.getRawData().asReadOnlyByteBuffer() : typedData(proto, type);
    }

    private static ByteBuffer typedData(TensorProto proto, ElementType type) {
        return switch (type) {
            case FLOAT, COMPLEX64 -> {
                ByteBuffer bytes = allocate(4L * proto.getFloatDataCount());
                proto.getFloatDataList().forEach(bytes::putFloat);
                yield bytes.flip();
            }
            case DOUBLE, COMPLEX128 -> {
                ByteBuffer bytes = allocate(8L * proto.getDoubleDataCount());
                proto.getDoubleDataList().forEach(bytes::putDouble);
                yield bytes.flip();
            }
            case INT64 -> {
                ByteBuffer bytes = allocate(8L * proto.getInt64DataCount());
                proto.getInt64DataList().forEach(bytes::putLong);
                yield bytes.flip();
            }
            case UINT64, UINT32 -> {
                ByteBuffer bytes = allocate((type.bits() / 8) * (long) proto.getUint64DataCount());
                proto.getUint64DataList().forEach(v -> put(bytes, type.bits(), v));
                yield bytes.flip();
            }
            default -> narrowData(proto, type);
        };
    }

    /** Types of 32 bits and less lie in the field of 32-bit integers, two 4-bit elements in one. */
    private static ByteBuffer narrowData(TensorProto proto, ElementType type) {
        int bits = Math.max(8, type.bits());
        ByteBuffer bytes = allocate((bits / 8) * (long) proto.getInt32DataCount());
        proto.getInt32DataList().forEach(v -> put(bytes, bits, v));
        return bytes.flip();
    }

    private static void put(ByteBuffer bytes, int bits, long value) {
        switch (bits) {
            case 8 -> bytes.put((byte) value);
            case 16 -> bytes.putShort((short) value);
            case 32 -> bytes.putInt((int) value);
            default -> bytes.putLong(value);
        }
    }

    private ByteBuffer external(TensorProto proto) {
        Map<String, String> entries = proto.getExternalDataList().stream()
                .collect(Collectors.toMap(
                        StringStringEntryProto::getKey, StringStringEntryProto::getValue, (first, second) -> second));
        Path file = externalFile(entries.getOrDefault("location", ""));
        long offset = number(entries, "offset", 0);
        try {
            long length = number(entries, "length", Files.size(file) - offset);
            if (offset < 0 || length < 0 || length > Files.size(file) - offset) {
                throw new IllegalArgumentException("it asks for " + length + " bytes from " + offset + " on, but "
                        + file.getFileName() + " has " + Files.size(file) + ".");
            }
            if (length > Integer.MAX_VALUE) {
                throw new IllegalArgumentException(
                        "it has " + length + " bytes; a single weight can have at most " + Integer.MAX_VALUE + ".");
            }
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
                return channel.map(FileChannel.MapMode.READ_ONLY, offset, length);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(file + " can not be read: " + e.getMessage() + ".", e);
        }
    }

    private Path externalFile(String location) {
        if (folder == null) {
            throw new IllegalArgumentException("its data is in the file " + location
                    + ", which can only be found when the network is read from a file.");
        }
        Path file = folder.resolve(location).normalize();
        if (location.isEmpty() || !file.startsWith(folder.normalize())) {
            throw new IllegalArgumentException(
                    "its data is said to be in " + location + ", outside of the network's folder, which is refused.");
        }
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException("its data is in the file " + file + ", which is not there.");
        }
        return file;
    }

    private static long number(Map<String, String> entries, String key, long defaultValue) {
        String text = entries.get(key);
        return text == null ? defaultValue : Long.parseLong(text);
    }

    private static ByteBuffer allocate(long bytes) {
        return ByteBuffer.allocate(Math.toIntExact(bytes)).order(ByteOrder.LITTLE_ENDIAN);
    }
}
