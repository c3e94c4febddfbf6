package pomona.kernel.protocol;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import pomona.kernel.install.InstallException;
import pomona.kernel.install.JupyterFolders;

/**
 * The cells of all sessions, a JSON object a line, in a file that kernels share: each writes under a lock, and an entry
 * is whole or not there.
 */
final class HistoryFile {

    /** One cell that was run; output is its result's text, or null. */
    record Entry(int session, int line, String source, String output) {}

    private static final String VARIABLE = "POMONA_HISTORY";
    private static final long MOST_BYTES = 4L << 20;
    private static final int LONGEST = 100_000;

    private final Path file;
    private final long mostBytes;
    private volatile int session;

    HistoryFile(Path file, long mostBytes) {
        this.file = file;
        this.mostBytes = mostBytes;
    }

    /**
     * The file of the user: the one that POMONA_HISTORY names, else one in Jupyter's data folder.
     *
     * @return null if POMONA_HISTORY is off, or there is no home folder
     */
    static HistoryFile ofUser(Map<String, String> environment) {
        String wanted = environment.getOrDefault(VARIABLE, "");
        if (wanted.equals("off")) {
            return null;
        }
        try {
            Path place = wanted.isEmpty()
                    ? JupyterFolders.ofUser().resolveSibling("pomona").resolve("history.jsonl")
                    : Path.of(wanted).toAbsolutePath();
            return new HistoryFile(place, MOST_BYTES);
        } catch (InstallException | InvalidPathException e) {
            return null;
        }
    }

    /** Adds a cell of this session, whose number is the next free one when it is added to first. */
    void add(int line, String source, String output) throws IOException {
        Files.createDirectories(file.getParent());
        try (FileChannel lockFile = FileChannel.open(
                        file.resolveSibling(file.getFileName() + ".lock"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE);
                FileLock lock = lockFile.lock()) {
            if (!lock.isValid()) {
                throw new IOException("the lock of " + file + " was lost");
            }
            if (session == 0) {
                session = lastSession() + 1;
            }
            trim();
            write(new Entry(session, line, shortened(source), output));
        }
    }

    /** All entries, the oldest first; lines that are damaged are left out. */
    List<Entry> read() throws IOException {
        if (!Files.exists(file)) {
            return List.of();
        }
        List<Entry> found = new ArrayList<>();
        // Not as text: one wrong byte must not hide the rest.
        for (String line : new String(Files.readAllBytes(file), StandardCharsets.UTF_8).split("\n")) {
            Entry entry = parse(line);
            if (entry != null) {
                found.add(entry);
            }
        }
        return found;
    }

    /** This session's number; 0 while nothing was added. */
    int session() {
        return session;
    }

    private int lastSession() throws IOException {
        return read().stream().mapToInt(Entry::session).max().orElse(0);
    }

    private void write(Entry entry) throws IOException {
        if (!Files.exists(file)) {
            boolean posix =
                    FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
            if (posix) {
                // Cells may hold secrets.
                Files.createFile(
                        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            }
        }
        String start = endsInLine() ? "" : "\n";
        Files.writeString(file, start + json(entry) + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** Whether the last writer finished its line. */
    private boolean endsInLine() throws IOException {
        if (!Files.exists(file) || Files.size(file) == 0) {
            return true;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            java.nio.ByteBuffer last = java.nio.ByteBuffer.allocate(1);
            channel.read(last, channel.size() - 1);
            return last.get(0) == '\n';
        }
    }

    /** Keeps the newer half of a file that has become too large. */
    private void trim() throws IOException {
        if (!Files.exists(file) || Files.size(file) <= mostBytes) {
            return;
        }
        List<String> all = read().stream().map(HistoryFile::json).toList();
        long size = 0;
        int first = all.size();
        while (first > 0 && size < mostBytes / 2) {
            size += all.get(--first).length();
        }
        // Readable by its owner alone, as temporary files are.
        Path draft = Files.createTempFile(file.getParent(), "history", ".jsonl");
        Files.write(draft, all.subList(first, all.size()));
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static String shortened(String text) {
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST);
    }

    private static String json(Entry entry) {
        JsonObject json = new JsonObject();
        json.addProperty("session", entry.session());
        json.addProperty("line", entry.line());
        json.addProperty("source", entry.source());
        if (entry.output() != null) {
            json.addProperty("output", entry.output());
        }
        return Wire.GSON.toJson(json);
    }

    private static Entry parse(String line) {
        try {
            JsonObject json = Wire.GSON.fromJson(line, JsonObject.class);
            return json == null
                    ? null
                    : new Entry(
                            json.get("session").getAsInt(),
                            json.get("line").getAsInt(),
                            json.get("source").getAsString(),
                            json.has("output") ? json.get("output").getAsString() : null);
        } catch (JsonParseException | NullPointerException | IllegalStateException | NumberFormatException e) {
            return null;
        }
    }
}
