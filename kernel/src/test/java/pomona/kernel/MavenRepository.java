package pomona.kernel;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;

/** A Maven repository of small libraries in a folder, and the settings of a user whose only repository it is. */
public final class MavenRepository {

    private final Path folder;
    private final Path remote;
    public final Path settings;

    /** Makes an empty one. */
    public MavenRepository(Path folder) throws IOException {
        this.folder = folder;
        remote = Files.createDirectories(folder.resolve("remote"));
        settings = Files.writeString(
                folder.resolve("settings.xml"),
                "<settings><localRepository>" + folder.resolve("local") + "</localRepository><mirrors><mirror>"
                        + "<id>near</id><mirrorOf>central</mirrorOf><url>" + remote.toUri() + "</url>"
                        + "</mirror></mirrors></settings>");
    }

    /** As Maven names it. */
    String address() {
        return remote.toUri().toString();
    }

    /** Puts a library there whose one class {@code Name} has a method {@code version()}. */
    public Path library(String artifact, String version, String... dependencies) throws IOException {
        StringBuilder list = new StringBuilder();
        for (String dependency : dependencies) {
            list.append(dependency(dependency));
        }
        Path home = place(artifact, version);
        pom(artifact, version, "jar", "<dependencies>" + list + "</dependencies>");
        String name = Character.toUpperCase(artifact.charAt(0)) + artifact.substring(1);
        Path classes = compiled(
                name,
                "package orchard; public class " + name + " { public static String version() { return \"" + version
                        + "\"; } }");
        Path jar = home.resolve(artifact + "-" + version + ".jar");
        try (OutputStream out = Files.newOutputStream(jar);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.putNextEntry(new ZipEntry("orchard/" + name + ".class"));
            Files.copy(classes.resolve("orchard/" + name + ".class"), zip);
        }
        return jar;
    }

    /** Puts a pom there. */
    void pom(String artifact, String version, String packaging, String more) throws IOException {
        Files.writeString(
                place(artifact, version).resolve(artifact + "-" + version + ".pom"),
                "<project><modelVersion>4.0.0</modelVersion><groupId>orchard</groupId><artifactId>" + artifact
                        + "</artifactId><version>" + version + "</version><packaging>" + packaging + "</packaging>"
                        + more + "</project>");
    }

    /** A dependency on {@code artifact:version}. */
    static String dependency(String artifactAndVersion) {
        String[] parts = artifactAndVersion.split(":");
        return "<dependency><groupId>orchard</groupId><artifactId>" + parts[0] + "</artifactId>"
                + (parts.length > 1 ? "<version>" + parts[1] + "</version>" : "") + "</dependency>";
    }

    private Path place(String artifact, String version) throws IOException {
        return Files.createDirectories(
                remote.resolve("orchard").resolve(artifact).resolve(version));
    }

    private Path compiled(String name, String source) throws IOException {
        Path classes = Files.createDirectories(folder.resolve("classes"));
        JavaFileObject file =
                new SimpleJavaFileObject(URI.create("string:///" + name + ".java"), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return source;
                    }
                };
        var compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            files.setLocationFromPaths(StandardLocation.CLASS_OUTPUT, List.of(classes));
            if (!compiler.getTask(null, files, null, null, null, List.of(file)).call()) {
                throw new IllegalStateException("does not compile: " + source);
            }
        }
        return classes;
    }
}
