package pomona.graph;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** The bytes of a tensor: one buffer, or several when there are more than one buffer of Java can hold. */
final class TensorBytes {

    /** What the size of every part but the last is a multiple of: the widest element. */
    static final int ALIGNMENT = 16;

    static final TensorBytes NONE = of(List.of(ByteBuffer.allocate(0)));

    private final ByteBuffer[] parts;
    /** Where each part begins, and where the last one ends. */
    private final long[] starts;

    private TensorBytes(ByteBuffer[] parts, long[] starts) {
        this.parts = parts;
        this.starts = starts;
    }

    static TensorBytes of(List<ByteBuffer> all) {
        List<ByteBuffer> given = all.size() == 1
                ? all
                : all.stream().filter(ByteBuffer::hasRemaining).toList();
        if (given.isEmpty()) {
            return NONE;
        }
        ByteBuffer[] parts = new ByteBuffer[given.size()];
        long[] starts = new long[parts.length + 1];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = given.get(i).slice().asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
            starts[i + 1] = starts[i] + parts[i].remaining();
            if (i < parts.length - 1 && parts[i].remaining() % ALIGNMENT != 0) {
                throw new IllegalArgumentException("Part " + (i + 1) + " of a tensor has " + parts[i].remaining()
                        + " bytes; every part but the last has a multiple of " + ALIGNMENT + ".");
            }
        }
        return new TensorBytes(parts, starts);
    }

    long size() {
        return starts[parts.length];
    }

    List<ByteBuffer> parts() {
        List<ByteBuffer> copies = new ArrayList<>(parts.length);
        for (ByteBuffer part : parts) {
            copies.add(part.duplicate().order(ByteOrder.LITTLE_ENDIAN));
        }
        return copies;
    }

    /** The first element that lies behind the part of the given one. */
    long endOfPart(ElementType type, long element) {
        return Math.floorDiv(starts[part(type, element) + 1] * 8, type.bits());
    }

    /** Elements of one part. */
    Stretch stretch(ElementType type, long from, long to) {
        if (from == to) {
            return new Stretch(type, ByteBuffer.allocate(0), from, 0, 0);
        }
        int part = part(type, from);
        if (to > endOfPart(type, from)) {
            throw new IllegalArgumentException("Elements " + from + " to " + to + " lie in several parts of a tensor.");
        }
        long firstOfPart = starts[part] * 8 / type.bits();
        ByteBuffer bytes = parts[part].duplicate().order(ByteOrder.LITTLE_ENDIAN);
        return new Stretch(type, bytes, from, Math.toIntExact(from - firstOfPart), Math.toIntExact(to - from));
    }

    private int part(ElementType type, long element) {
        long position = element * type.bits() / 8;
        int part = 0;
        while (position >= starts[part + 1]) {
            part++;
        }
        return part;
    }

    @Override
    public boolean equals(Object other) {
        if (!(other instanceof TensorBytes that) || size() != that.size()) {
            return false;
        }
        int mine = 0;
        int theirs = 0;
        for (long at = 0; at < size(); ) {
            mine += at == starts[mine + 1] ? 1 : 0;
            theirs += at == that.starts[theirs + 1] ? 1 : 0;
            long end = Math.min(starts[mine + 1], that.starts[theirs + 1]);
            if (!slice(mine, at, end).equals(that.slice(theirs, at, end))) {
                return false;
            }
            at = end;
        }
        return true;
    }

    private ByteBuffer slice(int part, long from, long to) {
        return parts[part].slice((int) (from - starts[part]), (int) (to - from));
    }

    @Override
    public int hashCode() {
        return Long.hashCode(size());
    }
}
