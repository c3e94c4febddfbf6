package pomona.torchscript;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import pomona.graph.MappedFile;

/**
 * The zip file that a TorchScript model is, mapped into memory. Source: PKWARE's APPNOTE, sections 4.3 and 4.5.3; PyTorch,
 * caffe2/serialize/inline_container.h.
 */
final class Archive {

    private static final int END = 0x06054B50;
    private static final int END_64 = 0x06064B50;
    private static final int LOCATOR_64 = 0x07064B50;
    private static final int CENTRAL = 0x02014B50;
    private static final int LOCAL = 0x04034B50;
    private static final int END_SIZE = 22;
    private static final int MOST_COMMENT = 0xFFFF;
    private static final int DEFLATED = 8;

    /** The largest code file or pickle that is unpacked; those of networks with thousands of layers take a few MB. */
    private static final int MOST_UNPACKED = 256 << 20;

    /**
     * A file in the archive.
     *
     * @param name its name without the folder that holds everything
     * @param method how it is stored: 0 plain, 8 deflated
     * @param central where its entry in the directory begins
     * @param local where its own header begins
     * @param packed its bytes in the archive
     * @param size its bytes unpacked
     */
    record Entry(String name, int method, long central, long local, long packed, long size) {}

    private final MappedFile file;
    private final Map<String, Entry> entries = new LinkedHashMap<>();

    private Archive(MappedFile file) {
        this.file = file;
    }

    static Archive open(Path path) {
        Archive archive = new Archive(MappedFile.open(path));
        try {
            archive.readDirectory();
        } catch (IndexOutOfBoundsException | ArithmeticException e) {
            throw new IllegalArgumentException("its zip directory is damaged.", e);
        }
        return archive;
    }

    private void readDirectory() {
        long end = findEnd();
        ByteBuffer last = at(end, END_SIZE);
        long count = Short.toUnsignedLong(last.getShort(10));
        long start = Integer.toUnsignedLong(last.getInt(16));
        if (end >= 20 && at(end - 20, 4).getInt(0) == LOCATOR_64) {
            long end64 = at(end - 20, 20).getLong(8);
            ByteBuffer wide = at(end64, 56);
            require(wide.getInt(0) == END_64, "its zip directory is damaged.");
            count = wide.getLong(32);
            start = wide.getLong(48);
        }
        require(count >= 0 && count <= file.size() / 46, "its zip directory is said to have " + count + " entries.");
        for (long i = 0; i < count; i++) {
            start = readEntry(start);
        }
    }

    private long findEnd() {
        for (long at = file.size() - END_SIZE; at >= 0 && at >= file.size() - END_SIZE - MOST_COMMENT; at--) {
            if (at(at, 4).getInt(0) == END) {
                return at;
            }
        }
        throw new IllegalArgumentException("it is not a zip file, or it is cut short.");
    }

    private long readEntry(long start) {
        ByteBuffer head = at(start, 46);
        require(head.getInt(0) == CENTRAL, "its zip directory is damaged.");
        int nameLength = Short.toUnsignedInt(head.getShort(28));
        int extraLength = Short.toUnsignedInt(head.getShort(30));
        int commentLength = Short.toUnsignedInt(head.getShort(32));
        String name = StandardCharsets.UTF_8.decode(at(start + 46, nameLength)).toString();
        long[] wide = {
            Integer.toUnsignedLong(head.getInt(24)),
            Integer.toUnsignedLong(head.getInt(20)),
            Integer.toUnsignedLong(head.getInt(42))
        };
        widen(at(start + 46 + nameLength, extraLength), wide);
        String inside = name.substring(name.indexOf('/') + 1);
        Entry entry = new Entry(inside, head.getShort(10), start, wide[2], wide[1], wide[0]);
        require(entries.put(inside, entry) == null, "it has two files " + inside + ".");
        return start + 46 + nameLength + extraLength + commentLength;
    }

    /** Sizes and places that do not fit into 32 bits are in an extra field. */
    private static void widen(ByteBuffer extra, long[] sizes) {
        for (int at = 0; at + 4 <= extra.limit(); at += 4 + Short.toUnsignedInt(extra.getShort(at + 2))) {
            if (extra.getShort(at) == 1) {
                int next = at + 4;
                for (int i = 0; i < sizes.length; i++) {
                    if (sizes[i] == 0xFFFF_FFFFL) {
                        sizes[i] = extra.getLong(next);
                        next += 8;
                    }
                }
                return;
            }
        }
    }

    /** Whether there is a file in that folder. */
    boolean hasFolder(String folder) {
        return entries.keySet().stream().anyMatch(name -> name.startsWith(folder + "/"));
    }

    boolean has(String name) {
        return entries.containsKey(name);
    }

    Entry entry(String name) {
        Entry entry = entries.get(name);
        require(entry != null, "it has no file " + name + ".");
        return entry;
    }

    /** Where the bytes of a file begin, its own header being over. */
    long start(Entry entry) {
        try {
            ByteBuffer head = at(entry.local(), 30);
            require(head.getInt(0) == LOCAL, "its file " + entry.name() + " is not where the directory says.");
            return entry.local() + 30 + Short.toUnsignedInt(head.getShort(26)) + Short.toUnsignedInt(head.getShort(28));
        } catch (IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("its file " + entry.name() + " is not where the directory says.", e);
        }
    }

    /** Some bytes of a file that is stored plain; nothing is copied. */
    List<ByteBuffer> stretch(Entry entry, long offset, long length) {
        require(entry.method() == 0 && entry.packed() == entry.size(), "its file " + entry.name() + " is compressed.");
        boolean inside = offset >= 0 && length >= 0 && offset <= entry.size() && length <= entry.size() - offset;
        require(
                inside,
                "a tensor asks for " + length + " bytes from " + offset + " on of the file " + entry.name()
                        + ", which has " + entry.size() + ".");
        try {
            return file.stretch(start(entry) + offset, length);
        } catch (IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("its file " + entry.name() + " is cut short.", e);
        }
    }

    /** The bytes of a file, unpacked. */
    byte[] bytes(String name) {
        Entry entry = entry(name);
        require(
                entry.size() >= 0 && entry.size() <= MOST_UNPACKED && entry.packed() <= MOST_UNPACKED,
                "its file " + name + " is said to have " + entry.size() + " bytes; the most is " + MOST_UNPACKED + ".");
        ByteBuffer packed;
        try {
            packed = at(start(entry), (int) entry.packed());
        } catch (IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("its file " + name + " is cut short.", e);
        }
        return entry.method() == DEFLATED ? inflate(entry, packed) : copy(packed);
    }

    private static byte[] inflate(Entry entry, ByteBuffer packed) {
        // A byte of deflated data makes 1032 at most; a larger claim is none to ask memory for.
        require(
                entry.size() <= 1032L * packed.limit() + 1032,
                "its file " + entry.name() + " is said to have " + entry.size() + " bytes, which " + packed.limit()
                        + " packed ones can not make.");
        Inflater inflater = new Inflater(true);
        try {
            byte[] bytes = new byte[(int) entry.size()];
            inflater.setInput(packed);
            int done = 0;
            while (done < bytes.length) {
                int more = inflater.inflate(bytes, done, bytes.length - done);
                require(more > 0, "its file " + entry.name() + " is cut short.");
                done += more;
            }
            return bytes;
        } catch (DataFormatException e) {
            throw new IllegalArgumentException("its file " + entry.name() + " is damaged.", e);
        } finally {
            inflater.end();
        }
    }

    private static byte[] copy(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.limit()];
        bytes.get(copy);
        return copy;
    }

    private ByteBuffer at(long offset, int length) {
        List<ByteBuffer> parts = file.stretch(offset, length);
        return parts.get(0).slice().order(ByteOrder.LITTLE_ENDIAN);
    }

    private static void require(boolean right, String otherwise) {
        if (!right) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
