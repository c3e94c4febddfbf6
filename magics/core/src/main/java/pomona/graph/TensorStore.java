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
 * Room for the tensors that a pass makes: on the heap when they are small beside it, else in a file that is mapped into
 * memory, so that a network larger than the heap can be worked on.
 *
 * <p>The file lies in the folder that the system property {@value #FOLDER} names, or where temporary files go; it has no
 * name any more once it is open, where the system allows that, and its space is free again when its tensors are garbage.
 */
public final class TensorStore {

    /** The system property that names the folder for large results. */
    public static final String FOLDER = "pomona.scratch";

    /** The largest part of a tensor, below the largest buffer of Java and a multiple of every element's width. */
    static final long PART = 1L << 30;

    /** Results may take this share of the heap at most, since those of a few passes are alive at once. */
    private static final int SHARE = 16;

    private static final int ALIGNMENT = 64;

    private final FileChannel file;
    private long end;

    private TensorStore(FileChannel file) {
        this.file = file;
    }

    /**
     * Room for tensors of that many bytes together.
     *
     * @throws IllegalArgumentException if the folder for large results has too little space
     */
    public static TensorStore of(long bytes) {
        return of(bytes, Runtime.getRuntime().maxMemory() / SHARE);
    }

    /** Room on the heap up to a limit, and in a file beyond it. */
    static TensorStore of(long bytes, long heap) {
        if (bytes <= heap) {
            return new TensorStore(null);
        }
        Path folder = folder();
        try {
            long free = Files.getFileStore(folder).getUsableSpace();
            if (free < bytes) {
                throw new IllegalArgumentException("The results take " + bytes + " bytes, but " + folder + " has "
                        + free + " free; set -D" + FOLDER + " to a folder with more space.");
            }
            return new TensorStore(open(folder));
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "Large results can not be stored in " + folder + ": " + e.getMessage() + ".", e);
        }
    }

    /** The folder for large results. */
    public static Path folder() {
        return Path.of(System.getProperty(FOLDER, System.getProperty("java.io.tmpdir")));
    }

    private static FileChannel open(Path folder) throws IOException {
        Path path = Files.createTempFile(folder, "pomona", ".tensors");
        FileChannel channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            Files.delete(path);
        } catch (IOException e) {
            // Some systems keep the name of an open file: it goes when the process ends.
            path.toFile().deleteOnExit();
        }
        return channel;
    }

    /** Whether results go to a file. */
    boolean isFile() {
        return file != null;
    }

    /** Room for a tensor, filled with zeros. */
    public synchronized Room allocate(ElementType type, long... shape) {
        long bytes = Tensor.bytes(type, shape);
        long start = end;
        end += (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        if (file != null) {
            return new Room(type, shape.clone(), file, start, List.of());
        }
        List<ByteBuffer> parts = new ArrayList<>();
        for (long at = 0; at < bytes || parts.isEmpty(); at += PART) {
            parts.add(ByteBuffer.allocate((int) Math.min(PART, bytes - at)));
        }
        return new Room(type, shape.clone(), null, 0, parts);
    }

    /** The bytes of a tensor while they are written; several threads may write different elements. */
    public static final class Room {

        private final ElementType type;
        private final long[] shape;
        private final FileChannel file;
        private final long start;
        private final List<ByteBuffer> parts;

        private Room(ElementType type, long[] shape, FileChannel file, long start, List<ByteBuffer> parts) {
            this.type = type;
            this.shape = shape;
            this.file = file;
            this.start = start;
            this.parts = parts;
        }

        /**
         * Writes some elements, as those of a {@link Stretch} of a tensor of the same shape.
         *
         * @param from the place of the first one in the tensor; with elements of less than a byte, one that begins a byte
         * @param bytes the elements, little-endian
         */
        public void put(long from, ByteBuffer bytes) {
            long at = from * type.bits() / Byte.SIZE;
            if (file == null) {
                parts.get((int) (at / PART)).put((int) (at % PART), bytes, bytes.position(), bytes.remaining());
                return;
            }
            try {
                // Not by a mapping: a system call for many pages is faster than a fault for each.
                for (ByteBuffer rest = bytes.duplicate(); rest.hasRemaining(); ) {
                    at += file.write(rest, start + at);
                }
            } catch (IOException e) {
                throw new UncheckedIOException("A large result can not be stored: " + e.getMessage() + ".", e);
            }
        }

        /** The writable place of some elements, little-endian; on the heap, none of them lies behind a whole GB. */
        public ByteBuffer at(long from, int count) {
            long at = from * type.bits() / Byte.SIZE;
            int length = Math.toIntExact(type.bytes(count));
            if (length == 0) {
                return ByteBuffer.allocate(0);
            }
            if (file == null) {
                ByteBuffer part = parts.get((int) (at / PART));
                return part.slice((int) (at % PART), length).order(ByteOrder.LITTLE_ENDIAN);
            }
            try {
                return file.map(FileChannel.MapMode.READ_WRITE, start + at, length)
                        .order(ByteOrder.LITTLE_ENDIAN);
            } catch (IOException e) {
                throw new UncheckedIOException("A large result can not be stored: " + e.getMessage() + ".", e);
            }
        }

        /** The tensor; the room is not to be written to any more. */
        public Tensor tensor() {
            long bytes = Tensor.bytes(type, shape);
            if (file == null || bytes == 0) {
                return Tensor.of(type, file == null ? parts : List.of(ByteBuffer.allocate(0)), shape);
            }
            try {
                if (file.size() < start + bytes) {
                    file.write(ByteBuffer.allocate(1), start + bytes - 1);
                }
                return Tensor.of(type, MappedFile.map(file, start, bytes), shape);
            } catch (IOException e) {
                throw new UncheckedIOException("A large result can not be read: " + e.getMessage() + ".", e);
            }
        }
    }
}
