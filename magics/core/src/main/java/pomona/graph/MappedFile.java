package pomona.graph;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * A file in memory, mapped once for all tensors in it, in parts, since a buffer of Java holds 2 GB at most. The file must
 * not be changed in place while its tensors are used; that another is moved over it does no harm.
 */
public final class MappedFile {

    private static final long PART = TensorStore.PART;

    private final Path path;
    private final long size;
    private final List<ByteBuffer> parts;

    private MappedFile(Path path, long size, List<ByteBuffer> parts) {
        this.path = path;
        this.size = size;
        this.parts = parts;
    }

    /**
     * Maps a file for reading; nothing of it is read yet.
     *
     * @throws IllegalArgumentException if there is no such file
     */
    public static MappedFile open(Path path) {
        if (!Files.isRegularFile(path)) {
            throw new IllegalArgumentException("There is no file " + path + ".");
        }
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            long size = channel.size();
            return new MappedFile(path, size, map(channel, 0, size));
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    public Path path() {
        return path;
    }

    /** The bytes of the file. */
    public long size() {
        return size;
    }

    /**
     * The bytes of a tensor in the file, as {@link Tensor#of(ElementType, List, long...)} takes them; nothing is copied.
     *
     * @throws IndexOutOfBoundsException if they do not lie in the file
     */
    public List<ByteBuffer> stretch(long offset, long length) {
        java.util.Objects.checkFromIndexSize(offset, length, size);
        if (length == 0) {
            return List.of(ByteBuffer.allocate(0));
        }
        if (offset % PART + length <= PART) {
            ByteBuffer part = parts.get((int) (offset / PART));
            return List.of(part.slice((int) (offset % PART), (int) length).order(ByteOrder.LITTLE_ENDIAN));
        }
        // Across a border the tensor is mapped by itself, so that no element lies in two parts.
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            return map(channel, offset, length);
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    static List<ByteBuffer> map(FileChannel channel, long offset, long length) throws IOException {
        List<ByteBuffer> parts = new ArrayList<>();
        for (long at = 0; at < length; at += PART) {
            parts.add(channel.map(FileChannel.MapMode.READ_ONLY, offset + at, Math.min(PART, length - at))
                    .order(ByteOrder.LITTLE_ENDIAN));
        }
        return parts;
    }

    private static UncheckedIOException unreadable(Path path, IOException e) {
        return new UncheckedIOException(
                path + " can not be read: " + e.getClass().getSimpleName() + ": " + e.getMessage() + ".", e);
    }
}
