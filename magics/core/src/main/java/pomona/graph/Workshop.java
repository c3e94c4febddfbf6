package pomona.graph;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * A folder beside a file to be written. Files are made in it and moved at the end, each in one step, so that a file is
 * either whole or not there; what is left is deleted.
 *
 * <pre>{@code
 * try (Workshop workshop = Workshop.beside(file)) {
 *     ... // write workshop.resolve(name), and read it back
 *     workshop.publish(name);
 * }
 * }</pre>
 */
public final class Workshop implements AutoCloseable {

    private final Path target;
    private final Path folder;

    private Workshop(Path target, Path folder) {
        this.target = target;
        this.folder = folder;
    }

    /**
     * Makes the folder of a file where it is missing, and a workshop in it.
     *
     * @throws IOException if that can not be; the message says what is wrong with the folder and what would be right
     */
    public static Workshop beside(Path file) throws IOException {
        Path absolute = file.toAbsolutePath();
        Path target = absolute.getParent();
        try {
            Files.createDirectories(target);
            // Not createTempDirectory: its files are for their owner alone, and these may be for others.
            Path folder = target.resolve("." + absolute.getFileName() + "." + UUID.randomUUID() + ".part");
            return new Workshop(target, Files.createDirectory(folder));
        } catch (FileSystemException e) {
            // Not with its cause, which names a file that nobody asked for.
            throw new IOException(refusal(file.getParent() == null ? target : file.getParent(), e));
        }
    }

    private static String refusal(Path folder, FileSystemException e) {
        for (Path above = folder; above != null; above = above.getParent()) {
            if (Files.isRegularFile(above)) {
                return above + " is a file and no folder; give a path in a folder";
            }
        }
        String why = e.getReason() == null ? "" : " (" + e.getReason() + ")";
        return "folder " + folder
                + (Files.isDirectory(folder) ? " takes no new files" : " is not there and can not be made") + why
                + "; give a path in a folder that you can write to";
    }

    /**
     * Why a file or a folder was not written, in one sentence that names it and no file of a workshop.
     *
     * @param file what was to be written, as its writer was told
     * @param cause what went wrong in a workshop
     */
    public static UncheckedIOException failure(Path file, IOException cause) {
        String why = cause.getMessage();
        if (cause instanceof FileSystemException system) {
            why = system.getReason() == null ? cause.getClass().getSimpleName() : system.getReason();
        }
        return new UncheckedIOException(file + " can not be written: " + why + ".", cause);
    }

    /** Where to make the file of that name. */
    public Path resolve(String name) {
        return folder.resolve(name);
    }

    /** Where the file of that name goes. */
    public Path target(String name) {
        return target.resolve(name);
    }

    /** Moves a file that was made; one of that name is replaced. */
    public void publish(String name) throws IOException {
        if (Files.isDirectory(target(name))) {
            throw new IOException("there is a folder of that name; give the path of a file");
        }
        try {
            Files.move(
                    resolve(name), target(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(resolve(name), target(name), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    @Override
    public void close() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path leftover : files.toList()) {
                Files.deleteIfExists(leftover);
            }
        }
        Files.delete(folder);
    }
}
