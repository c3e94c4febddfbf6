package pomona.kernel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The installed kernelspec and the executed notebooks, judged by Jupyter's own Python packages. */
class InstalledKernelIT {

    private static final Path SCRIPTS = Checkout.ROOT.resolve("kernel/src/test/python");

    @TempDir
    Path folder;

    @Test
    void jupyterFindsAndStartsIt() throws Exception {
        String python = Checkout.python();
        Path prefix = folder.resolve("a prefix");
        Checkout.Ended install = Checkout.pomona(folder, Map.of(), "install", "--prefix", prefix.toString());
        assertThat(install.err()).isEmpty();
        assertThat(install.out())
                .isEqualTo("Installed the kernel \"Java (Pomona)\" in " + prefix.resolve("share/jupyter/kernels/pomona")
                        + "\n");
        Checkout.Ended session = Checkout.run(
                folder,
                Map.of("JUPYTER_PATH", prefix.resolve("share/jupyter").toString()),
                List.of(python, SCRIPTS.resolve("start_kernel.py").toString()));
        assertThat(session.err()).isEmpty();
        assertThat(session.out()).isEqualTo("found pomona: Java (Pomona)\nprinted: 42\nresult: 43\nshut down\n");
        assertThat(session.code()).isZero();
    }

    @Test
    void executedNotebooksAreValid() throws Exception {
        String python = Checkout.python();
        for (String name : List.of("trial", "failing")) {
            Checkout.notebook(name + ".ipynb", folder);
            Checkout.pomona(folder, Map.of(), "run", name + ".ipynb");
            assertThat(folder.resolve(name + ".executed.ipynb")).exists();
        }
        Checkout.Ended check = Checkout.run(
                folder,
                Map.of(),
                List.of(python, SCRIPTS.resolve("validate_notebooks.py").toString(), folder.toString()));
        assertThat(check.out() + check.err())
                .isEqualTo("failing.executed.ipynb is valid\ntrial.executed.ipynb is valid\n");
        assertThat(Files.exists(folder)).isTrue();
    }

    @Test
    void nbclientAndNbconvertExecuteNotebooks() throws Exception {
        String python = Checkout.python();
        Path prefix = folder.resolve("prefix");
        Checkout.pomona(folder, Map.of(), "install", "--prefix", prefix.toString());
        Checkout.notebook("shown.ipynb", folder);
        Checkout.notebook("failing.ipynb", folder);
        Checkout.Ended run = Checkout.run(
                folder,
                Map.of("JUPYTER_PATH", prefix.resolve("share/jupyter").toString()),
                List.of(python, SCRIPTS.resolve("execute_notebooks.py").toString(), folder.toString()));
        assertThat(run.code()).as(run.out() + run.err()).isZero();
        assertThat(run.out()).isEqualTo("""
                nbclient: table text/html text/plain
                nbclient: plot text/html text/plain
                nbclient: second text/html text/plain
                nbclient: progress text/plain
                nbclient: return stdout
                nbclient: 100 % | .jshell
                nbclient: ArithmeticException / by zero
                nbconvert: html with the table and coloured Java
                nbconvert: done.ipynb done.jshell
                """);
    }
}
