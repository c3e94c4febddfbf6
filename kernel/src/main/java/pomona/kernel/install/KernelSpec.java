package pomona.kernel.install;

import com.google.gson.FormattingStyle;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import pomona.kernel.FileProblem;

/**
 * The kernelspec {@code pomona}: {@code kernel.json}, the logo, and the jars.
 *
 * <p>It is made whole in a folder of its own and then put in place of an earlier one, so that Jupyter never sees half of
 * it. Source: the Jupyter client documentation, "Kernel specs".
 */
public final class KernelSpec {

    private static final String NAME = "pomona";
    private static final String MAIN = "pomona.kernel.KernelMain";
    private static final Gson GSON = new GsonBuilder()
            .setFormattingStyle(FormattingStyle.PRETTY.withIndent("  "))
            .disableHtmlEscaping()
            .create();

    private final SessionJvm jvm;
    private final List<String> options;

    /** A kernelspec that starts the kernel with that JDK and holds those jars. */
    public KernelSpec(SessionJvm jvm) {
        this(jvm, List.of());
    }

    /** The same with more options for its JVM, such as {@code --enable-preview}. */
    public KernelSpec(SessionJvm jvm, List<String> options) {
        this.jvm = jvm;
        this.options = List.copyOf(options);
    }

    /**
     * Installs the kernelspec in a folder of kernelspecs, replacing an earlier one.
     *
     * @return the kernelspec's folder
     * @throws InstallException when the folder can not be written to
     */
    public Path installInto(Path kernels) throws InstallException, IOException {
        Path place = kernels.toAbsolutePath().normalize().resolve(NAME);
        // Beside the folder that Jupyter searches: a half-made kernelspec is never listed.
        Path draft = place.getParent()
                .resolveSibling("." + NAME + "-" + ProcessHandle.current().pid());
        try {
            Files.createDirectories(place.getParent());
            Files.createDirectories(draft.resolve("lib"));
            fill(draft, place);
            replace(place, draft);
            return place;
        } catch (AccessDeniedException e) {
            throw new InstallException("Nothing can be written to " + e.getFile()
                    + ": choose another place with --user, --sys-prefix or --prefix DIR.");
        } catch (FileSystemException e) {
            throw new InstallException(
                    "The kernel can not be installed in " + place + ": " + FileProblem.reason(e) + ".");
        } finally {
            delete(draft);
        }
    }

    private void fill(Path draft, Path place) throws IOException {
        for (Path jar : jvm.jars()) {
            if (Files.isRegularFile(jar)) {
                copy(jar, draft.resolve("lib").resolve(jar.getFileName()));
            }
        }
        for (Path jar : jvm.resolverJars()) {
            Files.createDirectories(draft.resolve("lib/maven"));
            copy(jar, draft.resolve("lib/maven").resolve(jar.getFileName()));
        }
        for (String logo : List.of("logo-32x32.png", "logo-64x64.png", "logo-svg.svg")) {
            try (InputStream in = KernelSpec.class.getResourceAsStream(logo)) {
                Files.copy(in, draft.resolve(logo));
            }
        }
        Files.writeString(draft.resolve("kernel.json"), GSON.toJson(json(place)) + "\n");
    }

    /** Our own jars are rewritten by the next build, so they are copied; the libraries stay as they are and are linked. */
    private static void copy(Path jar, Path target) throws IOException {
        if (isLibrary(jar)) {
            try {
                Files.createLink(target, jar);
                return;
            } catch (IOException | UnsupportedOperationException e) {
                // Another disk, or a file system without links: copy.
            }
        }
        Files.copy(jar, target, StandardCopyOption.COPY_ATTRIBUTES);
    }

    private JsonObject json(Path place) {
        JsonArray argv = new JsonArray();
        SessionJvm installed = installed(place);
        List<String> more = new ArrayList<>(archive(place).options());
        more.addAll(options);
        installed.command(more).forEach(argv::add);
        argv.add(MAIN);
        argv.add("{connection_file}");
        JsonObject environment = new JsonObject();
        environment.addProperty("OPT_OUT_TRACKING", "true");
        // PyTorch's waiting threads spin a while, not for as long as they like: others need the processors too.
        environment.addProperty("GOMP_SPINCOUNT", "10000");
        JsonObject json = new JsonObject();
        json.add("argv", argv);
        json.addProperty("display_name", "Java (Pomona)");
        json.addProperty("language", "java");
        json.addProperty("interrupt_mode", "message");
        json.add("env", environment);
        return json;
    }

    /** The JVM with the jars that are installed: ours first, since most is looked for there. */
    private SessionJvm installed(Path place) {
        List<Path> jars = jvm.jars().stream()
                .filter(Files::isRegularFile)
                .map(jar -> place.resolve("lib").resolve(jar.getFileName()))
                .sorted(Comparator.comparing(KernelSpec::isLibrary).thenComparing(Comparator.naturalOrder()))
                .toList();
        return new SessionJvm(jvm.java(), jars);
    }

    /** The archive of a kernelspec, which lies in its folder; it is made once the kernelspec is in its place. */
    public ClassArchive archive(Path place) {
        return ClassArchive.in(place, installed(place));
    }

    private static boolean isLibrary(Path jar) {
        return !jar.getFileName().toString().startsWith("pomona-");
    }

    private static void replace(Path place, Path draft) throws IOException {
        Path old = draft.resolveSibling(draft.getFileName() + "-old");
        boolean replaces = Files.exists(place);
        if (replaces) {
            Files.move(place, old, StandardCopyOption.ATOMIC_MOVE);
        }
        try {
            Files.move(draft, place, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            if (replaces) {
                Files.move(old, place, StandardCopyOption.ATOMIC_MOVE);
            }
            throw e;
        }
        delete(old);
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
