package pomona.safetensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import pomona.graph.Tensor;
import pomona.graph.Workshop;

/** Lays weights out as the format wants them: the widest types first, so that all are aligned, then by name. */
final class SafeTensorsWriter {

    private static final int ALIGNMENT = 8;

    private final List<Map.Entry<String, Tensor>> order;
    private final Map<String, String> metadata;

    SafeTensorsWriter(Map<String, Tensor> tensors, Map<String, String> metadata) {
        if (tensors.containsKey(SafeTensorsFile.METADATA)) {
            throw new IllegalArgumentException(
                    "A weight can not be named " + SafeTensorsFile.METADATA + " in a safetensors file.");
        }
        tensors.forEach((name, tensor) -> Dtype.of(name, tensor.type()));
        this.order = tensors.entrySet().stream()
                .sorted(Comparator.<Map.Entry<String, Tensor>>comparingInt(
                                e -> -e.getValue().type().bits())
                        .thenComparing(Map.Entry::getKey))
                .toList();
        this.metadata = metadata;
    }

    void write(Path file) throws IOException {
        try (Workshop workshop = Workshop.beside(file)) {
            String name = file.getFileName().toString();
            write(workshop, name);
            workshop.publish(name);
        }
    }

    /** Makes a file of that name in a workshop and reads back where everything lies. */
    void write(Workshop workshop, String name) throws IOException {
        byte[] header = header();
        Path made = workshop.resolve(name);
        try (FileChannel channel = FileChannel.open(made, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer head = ByteBuffer.allocate(8 + header.length).order(ByteOrder.LITTLE_ENDIAN);
            head.putLong(header.length).put(header).flip();
            while (head.hasRemaining()) {
                channel.write(head);
            }
            long at = 8L + header.length;
            for (Map.Entry<String, Tensor> entry : order) {
                entry.getValue().write(channel, at);
                at += entry.getValue().bytes();
            }
        }
        Map<String, Tensor> readBack = SafeTensorsFile.open(made).tensors();
        if (!order.stream().allMatch(e -> e.getValue().toString().equals(String.valueOf(readBack.get(e.getKey()))))) {
            throw new IOException("what was read back is not what was written");
        }
    }

    private byte[] header() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = new JsonFactory().createGenerator(bytes)) {
            json.writeStartObject();
            if (!metadata.isEmpty()) {
                json.writeObjectFieldStart(SafeTensorsFile.METADATA);
                for (Map.Entry<String, String> entry : metadata.entrySet()) {
                    json.writeStringField(entry.getKey(), entry.getValue());
                }
                json.writeEndObject();
            }
            long at = 0;
            for (Map.Entry<String, Tensor> entry : order) {
                Tensor tensor = entry.getValue();
                json.writeObjectFieldStart(entry.getKey());
                json.writeStringField(
                        "dtype", Dtype.of(entry.getKey(), tensor.type()).name());
                json.writeArrayFieldStart("shape");
                for (long dim : tensor.shape()) {
                    json.writeNumber(dim);
                }
                json.writeEndArray();
                json.writeArrayFieldStart("data_offsets");
                json.writeNumber(at);
                at += tensor.bytes();
                json.writeNumber(at);
                json.writeEndArray();
                json.writeEndObject();
            }
            json.writeEndObject();
        }
        while (bytes.size() % ALIGNMENT != 0) {
            bytes.write(' ');
        }
        return bytes.toByteArray();
    }
}
