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

    /** Checks that nothing is null. */
    public SessionOptions {
        Objects.requireNonNull(classPath, "classPath");
        compilerOptions = List.copyOf(compilerOptions);
        Objects.requireNonNull(input, "input");
    }

    /** The process's own class path, extensions on, no input; preview features if the JVM was started with them. */
    public static SessionOptions defaults() {
        List<String> options = PreviewFeatures.areEnabled()
                ? List.of("--enable-preview", "--release", System.getProperty("java.specification.version"))
                : List.of();
        return new SessionOptions(
                System.getProperty("java.class.path", ""), options, true, InputStream.nullInputStream());
    }

    /** The same with another input. */
    public SessionOptions withInput(InputStream other) {
        return new SessionOptions(classPath, compilerOptions, extensions, other);
    }
}
