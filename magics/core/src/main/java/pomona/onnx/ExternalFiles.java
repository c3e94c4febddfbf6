package pomona.onnx;

import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import pomona.graph.MappedFile;

/**
 * The files beside a model that hold the data of its tensors, mapped into memory. Source: ONNX repository,
 * docs/ExternalData.md.
 */
final class ExternalFiles {

    private final Path folder;
    private final Map<String, MappedFile> mapped = new HashMap<>();

    /** Files are looked for in that folder; null refuses every one. */
    ExternalFiles(Path folder) {
        this.folder = folder;
    }

    /** The bytes that a tensor says lie in a file. */
    List<ByteBuffer> read(TensorProto proto) {
        Map<String, String> entries = proto.getExternalDataList().stream()
                .collect(Collectors.toMap(
                        StringStringEntryProto::getKey, StringStringEntryProto::getValue, (first, second) -> second));
        MappedFile file =
                mapped.computeIfAbsent(entries.getOrDefault("location", ""), name -> MappedFile.open(find(name)));
        long offset = number(entries, "offset", 0);
        long length = number(entries, "length", Math.max(0, file.size() - offset));
        if (offset > file.size() || length > file.size() - offset) {
            throw new IllegalArgumentException("it asks for " + length + " bytes from " + offset + " on, but "
                    + file.path().getFileName() + " has " + file.size() + ".");
        }
        return file.stretch(offset, length);
    }

    /** A file of that name whose real place, links followed, is in the model's folder. */
    private Path find(String location) {
        if (folder == null) {
            throw new IllegalArgumentException("its data is in the file " + location
                    + ", which can only be found when the network is read from a file.");
        }
        Path file = folder.resolve(location).normalize();
        if (location.isEmpty() || !file.startsWith(folder.normalize())) {
            throw outside(location);
        }
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException("its data is in the file " + file + ", which is not there.");
        }
        try {
            if (!file.toRealPath().startsWith(folder.toRealPath())) {
                throw outside(location);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(file + " can not be read: " + e.getMessage() + ".", e);
        }
        return file;
    }

    private static IllegalArgumentException outside(String location) {
        return new IllegalArgumentException(
                "its data is said to be in " + location + ", outside of the network's folder, which is refused.");
    }

    private static long number(Map<String, String> entries, String key, long defaultValue) {
        String text = entries.get(key);
        if (text == null) {
            return defaultValue;
        }
        try {
            long value = Long.parseLong(text.strip());
            if (value >= 0) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Said below, as is a negative one.
        }
        throw new IllegalArgumentException(
                "the " + key + " of its data is said to be " + text + "; it is a number of bytes, 0 or more.");
    }
}
