package pomona.djl;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.ConcurrentLinkedDeque;

/**
 * Direct buffers that are used again and again, to hand data to native code without a copy. Fresh ones would pile up
 * outside of the heap until the next garbage collection.
 */
final class Staging {

    private final ConcurrentLinkedDeque<ByteBuffer> spare = new ConcurrentLinkedDeque<>();

    /** A buffer that holds a copy of those bytes; it is the caller's until it is given back. */
    ByteBuffer take(ByteBuffer bytes) {
        ByteBuffer buffer = spare.pollFirst();
        if (buffer == null || buffer.capacity() < bytes.remaining()) {
            buffer = ByteBuffer.allocateDirect(bytes.remaining()).order(ByteOrder.nativeOrder());
        }
        buffer.clear();
        return buffer.put(bytes).flip();
    }

    /** Gives a buffer back, once native code has no more use for it. */
    void give(ByteBuffer buffer) {
        spare.offerFirst(buffer);
    }
}
