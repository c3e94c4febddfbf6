package pomona.graph;

import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
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

    /** Makes the folder of a file where it is missing, and a workshop in it. */
    public static Workshop beside(Path file) throws IOException {
        Path absolute = file.toAbsolutePath();
        Path target = absolute.getParent();
        Files.createDirectories(target);
        // Not createTempDirectory: its files are for their owner alone, and these may be for others.
        Path folder = target.resolve("." + absolute.getFileName() + "." + UUID.randomUUID() + ".part");
        return new Workshop(target, Files.createDirectory(folder));
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
