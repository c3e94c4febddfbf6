package pomona.kernel;

import java.io.InputStream;
import java.util.List;
import java.util.Objects;

/**
 * How a Java session is set up.
 *
 * @param classPath what cells can use, in the form of {@code java.class.path}
 * @param compilerOptions options for the compiler, such as {@code --enable-preview}
 * @param extensions whether the extensions on the class path are installed
 * @param input what {@code System.in} gives to cells
 */
public record SessionOptions(String classPath, List<String> compilerOptions, boolean extensions, InputStream input) {

    /** The option of the JVM and of the compiler for preview features. */
    public static final String ENABLE_PREVIEW = "--enable-preview";

    /** The system property that tells a session of preview features, whose JVM has them enabled. */
    public static final String PREVIEW_PROPERTY = "pomona.preview";

    /** Checks that nothing is null. */
    public SessionOptions {
        Objects.requireNonNull(classPath, "classPath");
        compilerOptions = List.copyOf(compilerOptions);
        Objects.requireNonNull(input, "input");
    }

    /**
     * The process's own class path, extensions on, no input; preview features if JDK_JAVA_OPTIONS, which the JVM itself
     * reads, holds {@code --enable-preview}, or the system property {@value #PREVIEW_PROPERTY} is true.
     */
    public static SessionOptions defaults() {
        String environment = System.getenv("JDK_JAVA_OPTIONS");
        boolean preview =
                Boolean.getBoolean(PREVIEW_PROPERTY) || environment != null && environment.contains(ENABLE_PREVIEW);
        List<String> options = preview
                ? List.of(ENABLE_PREVIEW, "--release", System.getProperty("java.specification.version"))
                : List.of();
        return new SessionOptions(
                System.getProperty("java.class.path", ""), options, true, InputStream.nullInputStream());
    }

    /** The same with another input. */
    public SessionOptions withInput(InputStream other) {
        return new SessionOptions(classPath, compilerOptions, extensions, other);
    }
}
