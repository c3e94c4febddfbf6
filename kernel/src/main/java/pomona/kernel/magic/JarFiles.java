package pomona.kernel.magic;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipFile;

/** Adds jars to a session, and tells which of them the session has already in another version. */
final class JarFiles {

    private static final Pattern VERSIONED = Pattern.compile("(.+?)-(\\d[\\w.+-]*)\\.jar");

    private JarFiles() {}

    /** Refuses what is not a jar. */
    static void check(String magic, Path jar) throws IOException {
        if (!Files.isRegularFile(jar)) {
            throw new MagicException(magic + ": there is no file " + jar + ".");
        }
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            zip.size();
        } catch (java.util.zip.ZipException e) {
            throw new MagicException(magic + ": " + jar + " is not a jar, or is damaged.", e);
        }
    }

    /** Adds those that are new and prints which; a library that is loaded in another version is left out and named. */
    static void add(LiveSession session, List<Path> entries) {
        List<String> added = new ArrayList<>();
        for (Path entry : entries) {
            List<Path> present = session.classPath();
            if (present.contains(entry)) {
                continue;
            }
            Optional<Path> other = otherVersion(entry, present);
            if (other.isPresent()) {
                sayConflict(
                        entry.getFileName().toString(),
                        other.get().getFileName().toString());
                continue;
            }
            session.addToClassPath(entry);
            added.add(String.valueOf(entry.getFileName()));
        }
        if (added.isEmpty()) {
            System.out.println("Nothing was added.");
        } else {
            System.out.println("Added " + String.join(", ", added) + ".");
        }
    }

    static void sayConflict(String wanted, String loaded) {
        System.err.println(
                wanted + " is left out: " + loaded + " is loaded already, and a running session can not exchange it.");
    }

    /** The jar of the same library, by its file's name, in another place or version. */
    static Optional<Path> otherVersion(Path jar, List<Path> present) {
        String name = library(jar);
        return name == null
                ? Optional.empty()
                : present.stream().filter(other -> name.equals(library(other))).findFirst();
    }

    private static String library(Path jar) {
        Matcher matcher = VERSIONED.matcher(String.valueOf(jar.getFileName()));
        if (!matcher.matches()) {
            return null;
        }
        // A classifier is part of the identity: native libraries lie beside their Java.
        String version = matcher.group(2);
        Matcher classifier = Pattern.compile(
                        "[\\d.]+(?:[.-](?:SNAPSHOT|RC\\w*|M\\d+|alpha[\\w.-]*|beta[\\w.-]*|jre|android|Final|GA))*(-.+)?")
                .matcher(version);
        return matcher.group(1) + (classifier.matches() && classifier.group(1) != null ? classifier.group(1) : "");
    }
}
