package pomona.kernel;

import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;

/** Takes over {@code System.out}, {@code err} and {@code in} for a session and gives them back. */
final class ProcessStreams {

    private final PrintStream out = System.out;
    private final PrintStream err = System.err;
    private final InputStream in = System.in;

    /**
     * Redirects the process's streams.
     *
     * @param target finds the output of the current thread's cell, or null for the process's own
     * @param input what {@code System.in} reads from
     */
    ProcessStreams(Supplier<CellOutput> target, InputStream input) {
        System.setOut(new PrintStream(new Routed("stdout", out, target), false, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(new Routed("stderr", err, target), false, StandardCharsets.UTF_8));
        System.setIn(input);
    }

    void restore() {
        System.setOut(out);
        System.setErr(err);
        System.setIn(in);
    }

    private static final class Routed extends OutputStream {

        private final String name;
        private final PrintStream fallback;
        private final Supplier<CellOutput> target;

        Routed(String name, PrintStream fallback, Supplier<CellOutput> target) {
            this.name = name;
            this.fallback = fallback;
            this.target = target;
        }

        @Override
        public void write(int one) {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] data, int offset, int length) {
            CellOutput output = target.get();
            if (output == null) {
                fallback.write(data, offset, length);
            } else {
                output.write(name, data, offset, length);
            }
        }

        @Override
        public void flush() {
            // Text leaves at line ends and by the clock; a flush after every print would cost a message each.
            CellOutput output = target.get();
            if (output == null) {
                fallback.flush();
            }
        }
    }
}
