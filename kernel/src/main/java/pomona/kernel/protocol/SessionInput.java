package pomona.kernel.protocol;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;

/** {@code System.in} of the cells: each line is asked of the front end. */
final class SessionInput extends InputStream {

    /** What front ends answer when the user ends the input instead of giving a line. */
    private static final String END_OF_TRANSMISSION = "\u0004";

    private volatile Supplier<CompletableFuture<String>> asker;
    private byte[] line = new byte[0];
    private int at;

    /**
     * Sets who asks for a line; null while the front end takes no input.
     *
     * @param ask starts a request and gives its answer later
     */
    void askBy(Supplier<CompletableFuture<String>> ask) {
        asker = ask;
    }

    @Override
    public synchronized int read() throws IOException {
        if (at == line.length) {
            ask();
        }
        return at == line.length ? -1 : line[at++] & 0xFF;
    }

    @Override
    public synchronized int read(byte[] into, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (at == line.length) {
            ask();
        }
        if (at == line.length) {
            return -1;
        }
        int count = Math.min(length, line.length - at);
        System.arraycopy(line, at, into, offset, count);
        at += count;
        return count;
    }

    @Override
    public synchronized int available() {
        return line.length - at;
    }

    private void ask() throws IOException {
        Supplier<CompletableFuture<String>> ask = asker;
        if (ask == null) {
            throw new StdinNotAllowedException();
        }
        CompletableFuture<String> answer = ask.get();
        try {
            String text = answer.get();
            line = text.equals(END_OF_TRANSMISSION) ? new byte[0] : (text + "\n").getBytes(StandardCharsets.UTF_8);
            at = 0;
        } catch (InterruptedException e) {
            answer.cancel(true);
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("The cell was interrupted while it waited for input.");
        } catch (ExecutionException e) {
            throw new IOException("The input could not be read.", e.getCause());
        }
    }
}
