package pomona.kernel.magic;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Loads Maven's resolver from the folder {@code maven} beside the kernel's jar. It is not on the class path: its
 * libraries would slow every compilation down, and be in the way of those that cells ask for.
 */
final class ResolverLoader {

    private static final String PACKAGE = "pomona.kernel.maven.";
    private static final String RESOLVER = PACKAGE + "MavenResolver";
    private static final String PRESENT = "eu/maveniverse/maven/mima/context/Context.class";

    private ResolverLoader() {}

    static DependencyResolver load() {
        ClassLoader own = ResolverLoader.class.getClassLoader();
        try {
            ClassLoader loader = own.getResource(PRESENT) != null ? own : new Apart(jars(), own);
            return (DependencyResolver)
                    loader.loadClass(RESOLVER).getDeclaredConstructor().newInstance();
        } catch (ReflectiveOperationException | IOException | URISyntaxException e) {
            throw new MagicException("Maven's resolver can not be loaded: " + e + ".", e);
        }
    }

    private static URL[] jars() throws IOException, URISyntaxException {
        Path kernel = Path.of(ResolverLoader.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        Path folder = kernel.resolveSibling("maven");
        if (!Files.isDirectory(folder)) {
            throw new MagicException("Maven's resolver is missing: there is no folder " + folder + ".");
        }
        List<URL> urls = new ArrayList<>();
        urls.add(kernel.toUri().toURL());
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.sorted().toList()) {
                urls.add(file.toUri().toURL());
            }
        }
        return urls.toArray(URL[]::new);
    }

    /** Looks for the package that uses the resolver here first, since the parent has it without the resolver. */
    private static final class Apart extends URLClassLoader {

        Apart(URL[] urls, ClassLoader parent) {
            super("maven-resolver", urls, parent);
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith(PACKAGE)) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                Class<?> known = findLoadedClass(name);
                return known != null ? known : findClass(name);
            }
        }
    }
}
