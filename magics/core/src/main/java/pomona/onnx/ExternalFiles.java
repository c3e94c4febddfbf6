package pomona.onnx;

import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The files beside a model that hold the data of its tensors; large data is mapped into memory in parts, since a buffer
 * of Java holds 2 GB at most. Source: ONNX repository, docs/ExternalData.md.
 */
final class ExternalFiles {

    private static final long PART = 1L << 30;

    private final Path folder;
    private final Map<String, Mapped> mapped = new HashMap<>();

    /** Files are looked for in that folder; null refuses every one. */
    ExternalFiles(Path folder) {
        this.folder = folder;
    }

    /** The bytes that a tensor says lie in a file. */
    List<ByteBuffer> read(TensorProto proto) {
        Map<String, String> entries = proto.getExternalDataList().stream()
                .collect(Collectors.toMap(
                        StringStringEntryProto::getKey, StringStringEntryProto::getValue, (first, second) -> second));
        Mapped file = mapped.computeIfAbsent(entries.getOrDefault("location", ""), name -> Mapped.of(find(name)));
        long offset = number(entries, "offset", 0);
        long length = number(entries, "length", Math.max(0, file.size() - offset));
        if (offset > file.size() || length > file.size() - offset) {
            throw new IllegalArgumentException("it asks for " + length + " bytes from " + offset + " on, but "
                    + file.path().getFileName() + " has " + file.size() + ".");
        }
        return file.stretch(offset, length);
    }

    /** A whole file in memory, once for all tensors in it. */
    private record Mapped(Path path, long size, List<ByteBuffer> parts) {

        static Mapped of(Path path) {
            try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
                long size = channel.size();
                return new Mapped(path, size, map(channel, 0, size));
            } catch (IOException e) {
                throw unreadable(path, e);
            }
        }

        List<ByteBuffer> stretch(long offset, long length) {
            if (length == 0) {
                return List.of(ByteBuffer.allocate(0));
            }
            int part = (int) (offset / PART);
            if (offset % PART + length <= PART) {
                return List.of(parts.get(part).slice((int) (offset % PART), (int) length));
            }
            // Across a border the tensor is mapped by itself, so that no element lies in two parts.
            try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
                return map(channel, offset, length);
            } catch (IOException e) {
                throw unreadable(path, e);
            }
        }

        private static List<ByteBuffer> map(FileChannel channel, long offset, long length) throws IOException {
            List<ByteBuffer> parts = new ArrayList<>();
            for (long at = 0; at < length; at += PART) {
                parts.add(channel.map(FileChannel.MapMode.READ_ONLY, offset + at, Math.min(PART, length - at)));
            }
            return parts;
        }

        private static UncheckedIOException unreadable(Path path, IOException e) {
            return new UncheckedIOException(path + " can not be read: " + e.getMessage() + ".", e);
        }
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
            throw Mapped.unreadable(file, e);
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
