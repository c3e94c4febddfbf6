package pomona.kernel;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;

/**
 * The compiler's view of the class path: a jar is opened for the compiler when a package that it holds is asked for.
 *
 * <p>The compiler's own file manager opens every jar at the first name it looks up, and lists all of them again for each
 * snippet. JShell besides reads every class name of the JDK and the class path into an index as soon as it starts; that
 * waits here until somebody asks for a completion.
 */
final class ClassPathFiles extends ForwardingJavaFileManager<StandardJavaFileManager>
        implements StandardJavaFileManager {

    private static final Set<String> CLASS_PATH_OPTIONS = Set.of("-classpath", "--class-path", "-cp");
    private static final long INDEX_WAIT_SECONDS = 10;

    private final StandardJavaFileManager standard;
    private final CountDownLatch indexWanted = new CountDownLatch(1);
    private final Map<Path, StandardJavaFileManager> opened = new HashMap<>();
    private List<Path> path;
    private Map<String, List<Path>> packages;

    ClassPathFiles(StandardJavaFileManager standard, String classPath) {
        super(standard);
        this.standard = standard;
        this.path = paths(classPath);
        try {
            standard.setLocationFromPaths(StandardLocation.CLASS_PATH, List.of());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Lets JShell begin its index of all class names, which completion draws on. */
    void wantIndex() {
        indexWanted.countDown();
    }

    /** Learns which jar holds which package, unless that is known. */
    synchronized void learnPackages() {
        if (packages != null) {
            return;
        }
        Map<String, List<Path>> found = new HashMap<>();
        Set<Path> whole = new LinkedHashSet<>();
        path.forEach(entry -> learn(entry, whole, found));
        path = List.copyOf(whole);
        packages = found;
    }

    private static void learn(Path entry, Set<Path> whole, Map<String, List<Path>> found) {
        if (!whole.add(entry) || !Files.isRegularFile(entry)) {
            return;
        }
        Set<String> own = new HashSet<>();
        List<Path> referred = new ArrayList<>();
        try (JarFile jar = new JarFile(entry.toFile())) {
            jar.stream().forEach(file -> {
                String name = file.getName();
                int end = name.endsWith(".class") ? name.lastIndexOf('/') : -1;
                if (end > 0) {
                    own.add(name.substring(0, end));
                }
            });
            Manifest manifest = jar.getManifest();
            String more = manifest == null ? null : manifest.getMainAttributes().getValue(Attributes.Name.CLASS_PATH);
            for (String relative : more == null ? new String[0] : more.strip().split("\\s+")) {
                referred.add(Path.of(entry.toUri().resolve(relative)));
            }
        } catch (IOException | IllegalArgumentException | java.nio.file.FileSystemNotFoundException e) {
            // Not a jar after all, or one that refers to what is no file: the compiler would pass over it too.
        }
        own.forEach(name -> found.computeIfAbsent(name.replace('/', '.'), any -> new ArrayList<>())
                .add(entry));
        referred.forEach(other -> learn(other, whole, found));
    }

    private static List<Path> paths(String classPath) {
        List<Path> found = new ArrayList<>();
        for (String entry : classPath.split(File.pathSeparator)) {
            try {
                if (!entry.isEmpty()) {
                    found.add(Path.of(entry).toAbsolutePath().normalize());
                }
            } catch (InvalidPathException e) {
                // Nothing can be there.
            }
        }
        return found;
    }

    @Override
    public Iterable<JavaFileObject> list(
            Location location, String packageName, Set<JavaFileObject.Kind> kinds, boolean recurse) throws IOException {
        if (location != StandardLocation.CLASS_PATH) {
            return super.list(location, packageName, kinds, recurse);
        }
        // Nobody but the JDK holds these packages.
        if (packageName.equals("java") || packageName.startsWith("java.")) {
            return List.of();
        }
        return listClassPath(packageName, kinds, recurse);
    }

    private synchronized Iterable<JavaFileObject> listClassPath(
            String packageName, Set<JavaFileObject.Kind> kinds, boolean recurse) throws IOException {
        learnPackages();
        List<Path> holders = packages.getOrDefault(packageName, List.of());
        List<JavaFileObject> found = new ArrayList<>();
        for (Path entry : path) {
            boolean holds = recurse
                    || holders.contains(entry)
                    || Files.isDirectory(entry.resolve(packageName.replace('.', '/')));
            if (holds) {
                open(entry)
                        .list(StandardLocation.CLASS_PATH, packageName, kinds, recurse)
                        .forEach(found::add);
            }
        }
        return found;
    }

    private StandardJavaFileManager open(Path entry) throws IOException {
        StandardJavaFileManager manager = opened.get(entry);
        if (manager == null) {
            manager = ToolProvider.getSystemJavaCompiler().getStandardFileManager(null, null, null);
            manager.setLocationFromPaths(StandardLocation.CLASS_PATH, List.of(entry));
            opened.put(entry, manager);
        }
        return manager;
    }

    @Override
    public String inferBinaryName(Location location, JavaFileObject file) {
        if (location != StandardLocation.CLASS_PATH) {
            return super.inferBinaryName(location, file);
        }
        synchronized (this) {
            for (StandardJavaFileManager manager : opened.values()) {
                String name = manager.inferBinaryName(location, file);
                if (name != null) {
                    return name;
                }
            }
        }
        return super.inferBinaryName(location, file);
    }

    @Override
    public boolean handleOption(String current, Iterator<String> remaining) {
        if (!CLASS_PATH_OPTIONS.contains(current) || !remaining.hasNext()) {
            return super.handleOption(current, remaining);
        }
        List<Path> wanted = paths(remaining.next());
        synchronized (this) {
            Set<Path> all = new LinkedHashSet<>(path);
            if (all.addAll(wanted)) {
                path = List.copyOf(all);
                packages = null;
            }
        }
        return true;
    }

    @Override
    public boolean hasLocation(Location location) {
        return location == StandardLocation.CLASS_PATH || super.hasLocation(location);
    }

    @Override
    public Iterable<? extends Path> getLocationAsPaths(Location location) {
        if (isIndexing()) {
            awaitIndexWanted();
        }
        synchronized (this) {
            return location == StandardLocation.CLASS_PATH ? path : standard.getLocationAsPaths(location);
        }
    }

    private static boolean isIndexing() {
        return StackWalker.getInstance()
                .walk(frames -> frames.anyMatch(frame -> frame.getMethodName().equals("refreshIndexes")));
    }

    private void awaitIndexWanted() {
        try {
            if (!indexWanted.await(INDEX_WAIT_SECONDS, TimeUnit.SECONDS)) {
                indexWanted.countDown();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() throws IOException {
        synchronized (this) {
            for (StandardJavaFileManager manager : opened.values()) {
                manager.close();
            }
        }
        super.close();
    }

    @Override
    public Iterable<? extends JavaFileObject> getJavaFileObjectsFromFiles(Iterable<? extends File> files) {
        return standard.getJavaFileObjectsFromFiles(files);
    }

    @Override
    public Iterable<? extends JavaFileObject> getJavaFileObjects(File... files) {
        return standard.getJavaFileObjects(files);
    }

    @Override
    public Iterable<? extends JavaFileObject> getJavaFileObjectsFromStrings(Iterable<String> names) {
        return standard.getJavaFileObjectsFromStrings(names);
    }

    @Override
    public Iterable<? extends JavaFileObject> getJavaFileObjects(String... names) {
        return standard.getJavaFileObjects(names);
    }

    @Override
    public void setLocation(Location location, Iterable<? extends File> files) throws IOException {
        standard.setLocation(location, files);
    }

    @Override
    public void setLocationFromPaths(Location location, Collection<? extends Path> paths) throws IOException {
        standard.setLocationFromPaths(location, paths);
    }

    @Override
    public void setLocationForModule(Location location, String module, Collection<? extends Path> paths)
            throws IOException {
        standard.setLocationForModule(location, module, paths);
    }

    @Override
    public Iterable<? extends File> getLocation(Location location) {
        return standard.getLocation(location);
    }
}
