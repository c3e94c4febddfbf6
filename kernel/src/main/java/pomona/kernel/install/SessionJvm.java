package pomona.kernel.install;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * How a Java process that runs cells is started: the same JDK, options and jars for Jupyter and for the notebook runner.
 *
 * @param java the {@code java} program, absolute
 * @param jars the jars of the class path, absolute
 */
public record SessionJvm(Path java, List<Path> jars) {

    /**
     * Short compilations and small memory before all: a session runs much code once. The optimizing compiler is left to
     * what is really hot, such as loops over weights: at its usual thresholds it spends as much on the Java compiler as
     * the cells themselves take.
     */
    private static final List<String> OPTIONS = List.of(
            "-XX:+UseSerialGC",
            "-XX:Tier4InvocationThreshold=100000",
            "-XX:Tier4MinInvocationThreshold=10000",
            "-XX:Tier4CompileThreshold=200000",
            "-XX:Tier4BackEdgeThreshold=120000",
            // Counted loops too look, now and then, whether they are to stop; the JVM's usual collector sets the same.
            "-XX:+UseCountedLoopSafepoints",
            "-XX:LoopStripMiningIter=1000",
            "-XX:-UsePerfData",
            // A small heap to begin with, and no collection of classes while the compiler is loaded: little memory is
            // touched, and little garbage is copied.
            "-Xms80m",
            "-XX:NewSize=24m",
            "-XX:MetaspaceSize=48m",
            "-Xmx1g",
            "-Dai.djl.offline=true",
            "--enable-native-access=ALL-UNNAMED");

    private static final List<String> INITIAL_HEAP = List.of("-Xms80m", "-XX:NewSize=24m");

    /** The JDK and the class path that run this very process. */
    public static SessionJvm current() {
        boolean windows = File.separatorChar == '\\';
        Path java = Path.of(System.getProperty("java.home"), "bin", windows ? "java.exe" : "java");
        List<Path> jars = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> Path.of(entry).toAbsolutePath().normalize())
                .toList();
        return new SessionJvm(java, jars);
    }

    /** The jars of Maven's resolver, which lie in a folder {@code maven} beside the others and off the class path. */
    public List<Path> resolverJars() throws IOException {
        for (Path jar : jars) {
            Path folder = jar.resolveSibling("maven");
            if (jar.getFileName().toString().startsWith("pomona-kernel") && Files.isDirectory(folder)) {
                try (Stream<Path> files = Files.list(folder)) {
                    return files.filter(file -> file.toString().endsWith(".jar"))
                            .sorted()
                            .toList();
                }
            }
        }
        return List.of();
    }

    /** The JVM's options. */
    public List<String> options() {
        return OPTIONS;
    }

    /** The command up to the main class. */
    public List<String> command() {
        return command(List.of());
    }

    /** The command up to the main class, with options besides the usual ones. */
    public List<String> command(List<String> more) {
        List<String> command = new ArrayList<>();
        command.add(java.toString());
        boolean otherCollector = more.stream().anyMatch(option -> option.matches("-XX:\\+Use\\w+GC"));
        // A heap that begins larger than it may become does not start.
        boolean otherHeap = more.stream().anyMatch(option -> option.startsWith("-Xmx"));
        OPTIONS.stream()
                .filter(option -> !(otherCollector && option.equals("-XX:+UseSerialGC")))
                .filter(option -> !(otherHeap && INITIAL_HEAP.contains(option)))
                .forEach(command::add);
        command.addAll(more);
        command.add("-cp");
        command.add(String.join(
                File.pathSeparator, jars.stream().map(Path::toString).toList()));
        return command;
    }
}
