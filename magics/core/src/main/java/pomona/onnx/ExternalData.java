package pomona.onnx;

import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import pomona.graph.ElementType;
import pomona.graph.Tensor;

/**
 * The file beside a model that large weights go to: places are given first, while the model is made, then all bytes are
 * written straight from where they lie. Source: ONNX repository, docs/ExternalData.md.
 */
final class ExternalData {

    /** Smaller weights stay in the model, as Python's {@code onnx.save} does. */
    private static final int SMALLEST = 1024;

    /** Weights from here on begin at a multiple of {@link #PAGE}, so that ONNX Runtime can map them on any system. */
    private static final int PAGED_FROM = 1 << 20;

    private static final int PAGE = 1 << 16;
    private static final int ALIGNMENT = 64;

    private final String location;
    private final Map<Tensor, Long> places = new IdentityHashMap<>();
    private final Map<Long, Tensor> tensors = new LinkedHashMap<>();
    private long end;

    /** Data in a file of that name beside the model. */
    ExternalData(String location) {
        this.location = location;
    }

    boolean takes(Tensor tensor) {
        return tensor.type() != ElementType.STRING && tensor.bytes() >= SMALLEST;
    }

    /** Gives a weight its place, and says it in the model. */
    void add(Tensor tensor, TensorProto.Builder proto) {
        long offset = places.computeIfAbsent(tensor, this::place);
        proto.setDataLocation(TensorProto.DataLocation.EXTERNAL)
                .addExternalData(entry("location", location))
                .addExternalData(entry("offset", Long.toString(offset)))
                .addExternalData(entry("length", Long.toString(tensor.bytes())));
    }

    private long place(Tensor tensor) {
        int alignment = tensor.bytes() >= PAGED_FROM ? PAGE : ALIGNMENT;
        long offset = (end + alignment - 1) / alignment * alignment;
        end = offset + tensor.bytes();
        tensors.put(offset, tensor);
        return offset;
    }

    /** The bytes of the file. */
    long size() {
        return end;
    }

    void write(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (Map.Entry<Long, Tensor> place : tensors.entrySet()) {
                place.getValue().write(channel, place.getKey());
            }
        }
    }

    /** The bytes of the file, one after the other, to wherever they go. */
    void write(OutputStream out) throws IOException {
        byte[] piece = new byte[PAGE];
        long at = 0;
        for (Map.Entry<Long, Tensor> place : tensors.entrySet()) {
            out.write(new byte[Math.toIntExact(place.getKey() - at)]);
            for (ByteBuffer part : place.getValue().parts()) {
                while (part.hasRemaining()) {
                    int length = Math.min(piece.length, part.remaining());
                    part.get(piece, 0, length);
                    out.write(piece, 0, length);
                }
            }
            at = place.getKey() + place.getValue().bytes();
        }
    }

    private static StringStringEntryProto entry(String key, String value) {
        return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
    }
}
