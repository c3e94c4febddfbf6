package pomona.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The JDKs of this machine that can run Pomona: the one of the tests, and those beside it. */
public final class Jdks {

    private static final Pattern VERSION = Pattern.compile("JAVA_VERSION=\"(\\d+)[^\"]*\"");
    private static final int OLDEST = 17;

    private Jdks() {}

    /** Their home folders, links resolved. */
    public static List<Path> installed() throws IOException {
        Path own = Path.of(System.getProperty("java.home")).toRealPath();
        TreeSet<Path> found = new TreeSet<>(List.of(own));
        try (Stream<Path> beside = Files.list(own.getParent())) {
            for (Path home : beside.toList()) {
                if (Files.isExecutable(home.resolve("bin/javac")) && feature(home) >= OLDEST) {
                    found.add(home.toRealPath());
                }
            }
        }
        return List.copyOf(found);
    }

    /** The version of a JDK, such as 17, or 0 when it does not tell. */
    static int feature(Path home) throws IOException {
        Path release = home.resolve("release");
        Matcher version = VERSION.matcher(Files.isRegularFile(release) ? Files.readString(release) : "");
        return version.find() ? Integer.parseInt(version.group(1)) : 0;
    }
}
