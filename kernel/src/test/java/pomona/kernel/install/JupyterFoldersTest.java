package pomona.kernel.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JupyterFoldersTest {

    @TempDir
    Path folder;

    @Test
    void followsJupyterOnEachSystem() throws Exception {
        assertThat(JupyterFolders.ofUser(Map.of("HOME", "/home/a"), "Linux", "/home/b"))
                .isEqualTo(Path.of("/home/a/.local/share/jupyter/kernels"));
        assertThat(JupyterFolders.ofUser(Map.of("HOME", "/home/a", "XDG_DATA_HOME", "/d"), "Linux", ""))
                .isEqualTo(Path.of("/d/jupyter/kernels"));
        assertThat(JupyterFolders.ofUser(Map.of(), "Mac OS X", "/Users/b"))
                .isEqualTo(Path.of("/Users/b/Library/Jupyter/kernels"));
        assertThat(JupyterFolders.ofUser(Map.of("APPDATA", "/r"), "Windows 11", "/u"))
                .isEqualTo(Path.of("/r/jupyter/kernels"));
        assertThat(JupyterFolders.ofUser(Map.of("JUPYTER_DATA_DIR", "/j", "HOME", "/h"), "Linux", "/h"))
                .isEqualTo(Path.of("/j/kernels"));
        assertThatThrownBy(() -> JupyterFolders.ofUser(Map.of(), "Linux", "?"))
                .hasMessage("There is no home folder to install for: set HOME, or give --prefix DIR.");
    }

    @Test
    void takesTheActiveEnvironmentUnlessThePathLeadsElsewhere() throws Exception {
        Path environment = python(folder.resolve("venv"), "/from/venv");
        Path other = python(folder.resolve("other"), "/from/other");
        assertThat(JupyterFolders.sysPrefix(Map.of("PATH", bin(environment), "VIRTUAL_ENV", environment.toString())))
                .isEqualTo(environment);
        assertThat(JupyterFolders.sysPrefix(Map.of("PATH", "", "CONDA_PREFIX", environment.toString())))
                .isEqualTo(environment);
        assertThat(JupyterFolders.sysPrefix(Map.of("PATH", bin(other), "CONDA_PREFIX", environment.toString())))
                .isEqualTo(Path.of("/from/other"));
        assertThatThrownBy(() -> JupyterFolders.sysPrefix(Map.of("PATH", folder.toString())))
                .hasMessage("There is no Python on the path whose prefix could be used: activate its environment,"
                        + " or give --prefix DIR or --user.");
    }

    private static String bin(Path environment) {
        return environment.resolve("bin").toString();
    }

    private static Path python(Path environment, String prefix) throws Exception {
        Path program = environment.resolve("bin/python3");
        Files.createDirectories(program.getParent());
        Files.writeString(program, "#!/bin/sh\necho " + prefix + "\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        return environment;
    }
}
