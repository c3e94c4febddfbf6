package pomona.kernel.install;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.concurrent.TimeUnit;
import pomona.kernel.protocol.Rehearsal;

/**
 * What a JVM learned from one session, for the next ones to start from: a class-data-sharing archive, or from Java 24 on
 * an ahead-of-time cache.
 *
 * <p>It holds for one JDK and one list of jars, which the JVM checks itself; {@link #isCurrent} tells beforehand, from a
 * key beside the archive. Source: JEP 350, JEP 483.
 *
 * @param jvm whose classes it holds
 * @param file the archive
 */
public record ClassArchive(SessionJvm jvm, Path file) {

    private static final String PROPERTY = "pomona.classes";
    private static final String CACHE = ".aot";
    private static final int FIRST_WITH_CACHE = 24;
    private static final int SECONDS = 90;

    /** The archive in a folder, under the name that fits the JDK. */
    public static ClassArchive in(Path folder, SessionJvm jvm) {
        return new ClassArchive(jvm, folder.resolve(jdkHasCaches() ? "classes" + CACHE : "classes.jsa"));
    }

    /** The archive that this process was started to use, or null. */
    public static ClassArchive ofProcess() {
        String file = System.getProperty(PROPERTY);
        return file == null ? null : new ClassArchive(SessionJvm.current(), Path.of(file));
    }

    /**
     * The options that make a JVM use the archive. One that is missing, damaged or made for another JDK or other jars is
     * passed over in silence.
     */
    public List<String> options() {
        return List.of(
                // The JDK at this path may be replaced by one that knows the other kind only.
                "-XX:+IgnoreUnrecognizedVMOptions",
                (isCache() ? "-XX:AOTCache=" : "-XX:SharedArchiveFile=") + file,
                // A file that was cut or damaged would crash the JVM that trusts it.
                "-XX:+VerifySharedSpaces",
                "-Xlog:disable",
                "-D" + PROPERTY + "=" + file);
    }

    /** Whether there is an archive, made for this JDK and these jars as they are now. */
    public boolean isCurrent() {
        try {
            return Files.isRegularFile(file) && Files.readString(keyFile()).equals(key());
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Makes the archive by rehearsing a session, and puts it in the place of an earlier one.
     *
     * @return whether it could be made
     */
    public boolean make() throws InterruptedException {
        if (isCache() && !jdkHasCaches()) {
            return false;
        }
        Path draft = file.resolveSibling(
                "." + file.getFileName() + "-" + ProcessHandle.current().pid());
        Path notes = draft.resolveSibling(draft.getFileName() + ".notes");
        try {
            String key = key();
            boolean made = isCache() ? cache(draft, notes) : archive(draft, notes);
            if (!made || !Files.isRegularFile(draft)) {
                return false;
            }
            Files.deleteIfExists(keyFile());
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            Files.writeString(keyFile(), key);
            return true;
        } catch (IOException e) {
            return false;
        } finally {
            deleteQuietly(draft);
            deleteQuietly(notes);
        }
    }

    private static boolean jdkHasCaches() {
        return Runtime.version().feature() >= FIRST_WITH_CACHE;
    }

    private boolean isCache() {
        return file.toString().endsWith(CACHE);
    }

    private Path keyFile() {
        return file.resolveSibling(file.getFileName() + ".key");
    }

    /** Everything that the archive depends on: the running JDK, the options, and the jars as they are on the disk. */
    private String key() throws IOException {
        StringBuilder key = new StringBuilder();
        key.append(System.getProperty("java.vm.version")).append('\n');
        key.append(System.getProperty("java.home")).append('\n');
        key.append(jvm.options()).append('\n');
        for (Path jar : jvm.jars()) {
            BasicFileAttributes attributes = Files.readAttributes(jar, BasicFileAttributes.class);
            long seconds = attributes.lastModifiedTime().to(TimeUnit.SECONDS);
            key.append(jar + " " + attributes.size() + " " + seconds).append('\n');
        }
        return key.toString();
    }

    private static void deleteQuietly(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // It stays where it is: nothing reads it.
        }
    }

    private boolean archive(Path draft, Path notes) throws IOException, InterruptedException {
        // Dumped under G1, which alone writes the heap's objects too; with them at its end, a cut file is noticed.
        return Rehearsal.play(jvm.command(List.of("-XX:DumpLoadedClassList=" + notes)), SECONDS)
                && ended(jvm.command(List.of(
                        "-XX:-UseSerialGC",
                        "-XX:+UseG1GC",
                        "-Xshare:dump",
                        "-XX:SharedClassListFile=" + notes,
                        "-XX:SharedArchiveFile=" + draft)));
    }

    private boolean cache(Path draft, Path notes) throws IOException, InterruptedException {
        return Rehearsal.play(jvm.command(List.of("-XX:AOTMode=record", "-XX:AOTConfiguration=" + notes)), SECONDS)
                && ended(jvm.command(
                        List.of("-XX:AOTMode=create", "-XX:AOTConfiguration=" + notes, "-XX:AOTCache=" + draft)));
    }

    private static boolean ended(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            return process.waitFor(SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0;
        } finally {
            process.destroyForcibly();
        }
    }
}
