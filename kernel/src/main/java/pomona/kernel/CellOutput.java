package pomona.kernel;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;

/**
 * The way out of one cell: gathers written bytes into text and keeps text, displays, result and error in order.
 *
 * <p>It outlives its cell, so that a thread which prints later still prints there.
 */
final class CellOutput {

    private static final InheritableThreadLocal<CellOutput> OWNER = new InheritableThreadLocal<>();

    private static final int LARGE = 32 * 1024;
    private static final long QUIET_NANOS = 10_000_000;

    private final CellOutputs sink;
    private final OutputFlusher flusher;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private String stream = "stdout";
    private long lastFlush = System.nanoTime() - QUIET_NANOS;
    private boolean queued;

    CellOutput(CellOutputs sink, OutputFlusher flusher) {
        this.sink = sink;
        this.flusher = flusher;
    }

    /** The cell that started the current thread, or null; the common pool's threads work for any cell. */
    static CellOutput ofThread() {
        boolean shared = Thread.currentThread() instanceof ForkJoinWorkerThread worker
                && worker.getPool() == ForkJoinPool.commonPool();
        return shared ? null : OWNER.get();
    }

    /** Makes the current thread, and those it starts, belong to this cell. */
    void adopt() {
        OWNER.set(this);
    }

    synchronized void write(String name, byte[] data, int offset, int length) {
        if (!name.equals(stream)) {
            flush();
            stream = name;
        }
        bytes.write(data, offset, length);
        boolean lineEnd = length > 0 && data[offset + length - 1] == '\n';
        if (bytes.size() >= LARGE || lineEnd && System.nanoTime() - lastFlush >= QUIET_NANOS) {
            flush();
        } else if (!queued) {
            queued = true;
            flusher.add(this);
        }
    }

    /** Hands on what was written so far; half a character stays back until its rest comes. */
    synchronized void flush() {
        queued = false;
        byte[] data = bytes.toByteArray();
        int end = wholeCharacters(data);
        if (end == 0) {
            return;
        }
        bytes.reset();
        bytes.write(data, end, data.length - end);
        lastFlush = System.nanoTime();
        sink.stream(stream, new String(data, 0, end, StandardCharsets.UTF_8));
    }

    synchronized void display(Map<String, Object> bundle, Map<String, Object> metadata, String displayId) {
        flush();
        sink.display(bundle, metadata, displayId);
    }

    synchronized void updateDisplay(Map<String, Object> bundle, Map<String, Object> metadata, String displayId) {
        flush();
        sink.updateDisplay(bundle, metadata, displayId);
    }

    synchronized void result(int count, Map<String, Object> bundle, Map<String, Object> metadata) {
        flush();
        sink.result(count, bundle, metadata);
    }

    synchronized void error(String ename, String evalue, List<String> traceback) {
        flush();
        sink.error(ename, evalue, traceback);
    }

    synchronized void page(Map<String, Object> bundle) {
        flush();
        sink.page(bundle);
    }

    synchronized void clear(boolean wait) {
        flush();
        sink.clear(wait);
    }

    /** The length of the longest prefix that does not end inside a UTF-8 sequence. */
    private static int wholeCharacters(byte[] data) {
        for (int back = 1; back <= Math.min(3, data.length); back++) {
            int lead = data[data.length - back] & 0xFF;
            if (lead >= 0xC0) {
                int needed = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
                return needed > back ? data.length - back : data.length;
            }
            if (lead < 0x80) {
                break;
            }
        }
        return data.length;
    }
}
