package pomona.kernel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.util.JavacTask;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.PackageElement;
import javax.lang.model.util.Elements;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/** The imports that notebooks and JShell start with. */
class ImportsTest {

    /** What JShell's own default start-up imports besides. */
    private static final List<String> DEFAULT = List.of(
            "java.io",
            "java.math",
            "java.net",
            "java.nio.file",
            "java.util",
            "java.util.concurrent",
            "java.util.function",
            "java.util.prefs",
            "java.util.regex",
            "java.util.stream",
            "java.lang");

    private final Elements elements = ((JavacTask) ToolProvider.getSystemJavaCompiler()
                    .getTask(null, null, null, List.of("-proc:none"), null, List.of(new Empty())))
            .getElements();

    @Test
    void everyPackageExists() throws Exception {
        assertThat(starred())
                .allSatisfy(name -> assertThat(types(name)).as(name).isNotEmpty());
    }

    @Test
    void noNameIsAmbiguous() throws Exception {
        TreeSet<String> packages = new TreeSet<>(starred());
        packages.addAll(DEFAULT);
        Map<String, List<String>> homes = new HashMap<>();
        for (String name : packages) {
            types(name).forEach(type -> homes.computeIfAbsent(type, key -> new ArrayList<>())
                    .add(name));
        }
        List<String> chosen = lines().stream()
                .filter(line -> !line.endsWith(".*;"))
                .map(line -> line.substring(line.lastIndexOf('.') + 1, line.length() - 1))
                .toList();
        List<String> ambiguous = new ArrayList<>();
        homes.forEach((type, places) -> {
            if (places.size() > 1 && !chosen.contains(type)) {
                ambiguous.add(type + " is in " + places);
            }
        });
        assertThat(ambiguous).isEmpty();
    }

    @Test
    void everyPublicPackageOfTheLibraryIsImported() throws Exception {
        List<String> known = starred();
        assertThat(libraryPackages().stream().filter(name -> !types(name).isEmpty() && !known.contains(name)))
                .isEmpty();
    }

    /** Every package below {@code pomona} in the library's jar or folder of classes. */
    private static TreeSet<String> libraryPackages() throws Exception {
        Path library = Path.of(Class.forName("pomona.pass.Recipe")
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        if (Files.isDirectory(library)) {
            return packagesBelow(library);
        }
        try (FileSystem jar = FileSystems.newFileSystem(library)) {
            return packagesBelow(jar.getPath("/"));
        }
    }

    private static TreeSet<String> packagesBelow(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(file -> file.toString().endsWith(".class"))
                    .map(file -> root.relativize(file.getParent()).toString().replace('/', '.'))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private List<String> types(String name) {
        PackageElement element = elements.getPackageElement(name);
        return element == null
                ? List.of()
                : element.getEnclosedElements().stream()
                        .filter(type -> type.getModifiers().contains(Modifier.PUBLIC))
                        .map(type -> type.getSimpleName().toString())
                        .toList();
    }

    private static List<String> starred() throws IOException {
        return lines().stream()
                .filter(line -> line.endsWith(".*;"))
                .map(line -> line.substring("import ".length(), line.length() - 3))
                .toList();
    }

    private static List<String> lines() throws IOException {
        try (InputStream in = ImportsTest.class.getResourceAsStream("/pomona/imports.jsh")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> line.startsWith("import "))
                    .toList();
        }
    }

    private static final class Empty extends SimpleJavaFileObject {
        private Empty() {
            super(URI.create("string:///Empty.java"), Kind.SOURCE);
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return "class Empty {}";
        }
    }
}
