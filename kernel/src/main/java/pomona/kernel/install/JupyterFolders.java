package pomona.kernel.install;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Where Jupyter looks for kernelspecs. Source: the documentation of jupyter_core, "Common directories". */
public final class JupyterFolders {

    private JupyterFolders() {}

    /** The user's kernels, by operating system; {@code JUPYTER_DATA_DIR} goes first. */
    public static Path ofUser() throws InstallException {
        return ofUser(System.getenv(), System.getProperty("os.name"), System.getProperty("user.home"));
    }

    static Path ofUser(Map<String, String> environment, String system, String userHome) throws InstallException {
        String data = environment.getOrDefault("JUPYTER_DATA_DIR", "");
        if (!data.isEmpty()) {
            return Path.of(data, "kernels");
        }
        String home = environment.getOrDefault("HOME", "");
        if (home.isEmpty()) {
            home = userHome;
        }
        if (home == null || home.isEmpty() || home.equals("?")) {
            throw new InstallException("There is no home folder to install for: set HOME, or give --prefix DIR.");
        }
        if (system.startsWith("Mac")) {
            return Path.of(home, "Library", "Jupyter", "kernels");
        }
        if (system.startsWith("Windows")) {
            String roaming = environment.getOrDefault("APPDATA", "");
            return roaming.isEmpty()
                    ? Path.of(userHome, ".jupyter", "data", "kernels")
                    : Path.of(roaming, "jupyter", "kernels");
        }
        String share = environment.getOrDefault("XDG_DATA_HOME", "");
        return share.isEmpty()
                ? Path.of(home, ".local", "share", "jupyter", "kernels")
                : Path.of(share, "jupyter", "kernels");
    }

    /** The kernels under an installation prefix. */
    public static Path underPrefix(Path prefix) {
        return prefix.toAbsolutePath().normalize().resolve(Path.of("share", "jupyter", "kernels"));
    }

    /** The prefix of the Python on the path, else of the active virtual or Conda environment. */
    public static Path sysPrefix() throws InstallException {
        return sysPrefix(System.getenv());
    }

    static Path sysPrefix(Map<String, String> environment) throws InstallException {
        Path python = onPath(environment.getOrDefault("PATH", ""), "python3", "python", "python.exe");
        for (String name : new String[] {"VIRTUAL_ENV", "CONDA_PREFIX"}) {
            String prefix = environment.getOrDefault(name, "");
            // An active environment counts unless the path leads to another Python.
            if (!prefix.isEmpty() && (python == null || python.startsWith(Path.of(prefix)))) {
                return Path.of(prefix);
            }
        }
        if (python == null) {
            throw new InstallException("There is no Python on the path whose prefix could be used: activate its"
                    + " environment, or give --prefix DIR or --user.");
        }
        return askPython(python);
    }

    private static Path onPath(String path, String... names) {
        for (String folder : path.split(File.pathSeparator)) {
            for (String name : names) {
                if (!folder.isEmpty() && Files.isExecutable(Path.of(folder, name))) {
                    return Path.of(folder, name).toAbsolutePath();
                }
            }
        }
        return null;
    }

    private static Path askPython(Path python) throws InstallException {
        try {
            Process process = new ProcessBuilder(python.toString(), "-c", "import sys; print(sys.prefix)")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String answer = new String(process.getInputStream().readAllBytes()).strip();
            if (process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0 && !answer.isEmpty()) {
                return Path.of(answer);
            }
        } catch (IOException e) {
            // Answered below.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new InstallException(python + " does not tell its prefix: give --prefix DIR or --user.");
    }
}
