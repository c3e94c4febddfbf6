package pomona.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import javax.tools.JavaFileObject;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassPathFilesTest {

    @TempDir
    Path folder;

    private ClassPathFiles files(Path... entries) {
        List<String> texts = new ArrayList<>();
        for (Path entry : entries) {
            texts.add(entry.toString());
        }
        return new ClassPathFiles(
                ToolProvider.getSystemJavaCompiler().getStandardFileManager(null, null, null),
                String.join(File.pathSeparator, texts));
    }

    private Path jar(String name, String referred, String... entries) throws Exception {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        if (referred != null) {
            manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, referred);
        }
        Path jar = folder.resolve(name);
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
            for (String entry : entries) {
                out.putNextEntry(new JarEntry(entry));
                out.closeEntry();
            }
        }
        return jar;
    }

    private static List<String> names(ClassPathFiles files, String packageName) throws Exception {
        List<String> names = new ArrayList<>();
        for (JavaFileObject file :
                files.list(StandardLocation.CLASS_PATH, packageName, Set.of(JavaFileObject.Kind.CLASS), false)) {
            names.add(files.inferBinaryName(StandardLocation.CLASS_PATH, file));
        }
        return names;
    }

    @Test
    void listsAPackageOverAllJarsInTheirOrder() throws Exception {
        Path one = jar("one.jar", null, "a/b/One.class", "a/b/text.txt", "a/C.class");
        Path two = jar("two.jar", null, "a/b/Two.class", "other/X.class");
        try (ClassPathFiles files = files(one, folder.resolve("missing.jar"), two)) {
            assertThat(names(files, "a.b")).containsExactly("a.b.One", "a.b.Two");
            assertThat(names(files, "a")).containsExactly("a.C");
            assertThat(names(files, "b")).isEmpty();
            assertThat(names(files, "java.util")).isEmpty();
        }
    }

    @Test
    void findsClassesInFoldersAndInJarsThatAJarRefersTo() throws Exception {
        jar("referred.jar", null, "r/R.class");
        Path first = jar("first.jar", "referred.jar missing.jar", "f/F.class");
        Path classes = Files.createDirectories(folder.resolve("classes/k"));
        Files.createFile(classes.resolve("K.class"));
        try (ClassPathFiles files = files(first, classes.getParent())) {
            assertThat(names(files, "r")).containsExactly("r.R");
            assertThat(names(files, "k")).containsExactly("k.K");
        }
    }

    @Test
    void takesWhatIsAddedLater() throws Exception {
        Path one = jar("one.jar", null, "a/One.class");
        Path two = jar("two.jar", null, "a/Two.class");
        try (ClassPathFiles files = files(one)) {
            assertThat(names(files, "a")).containsExactly("a.One");
            String longer = one + File.pathSeparator + two;
            assertThat(files.handleOption("-classpath", List.of(longer).iterator()))
                    .isTrue();
            assertThat(names(files, "a")).containsExactly("a.One", "a.Two");
        }
    }

    @Test
    void passesOverWhatIsNoJar() throws Exception {
        Path text = Files.writeString(folder.resolve("text.jar"), "no jar");
        try (ClassPathFiles files = files(text, jar("one.jar", null, "a/One.class"))) {
            assertThat(names(files, "a")).containsExactly("a.One");
        }
    }
}
