package pomona.kernel.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import pomona.kernel.FileProblem;
import pomona.kernel.install.InstallException;
import pomona.kernel.install.JupyterFolders;
import pomona.kernel.install.KernelSpec;
import pomona.kernel.install.SessionJvm;

/** Installs the kernelspec where the options say. */
@Command(
        name = "install",
        sortOptions = false,
        header = "Makes the kernel \"Java (Pomona)\" known to Jupyter.",
        description = {
            "",
            "The kernelspec holds its own copy of the jars and the path of the JDK that runs it,",
            "so it goes on working when this checkout is cleaned or moved.",
            ""
        })
final class InstallCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this help.")
    private boolean help;

    @Option(
            names = "--enable-preview",
            description = "Lets cells use the preview features of the JDK that runs the kernel.")
    private boolean preview;

    @ArgGroup
    private Place place = new Place();

    private static final class Place {
        @Option(names = "--user", description = "For this user (the default).")
        private boolean user;

        @Option(
                names = "--sys-prefix",
                description = "Into the Python environment on the path: a virtual environment, or Conda.")
        private boolean sysPrefix;

        @Option(names = "--prefix", paramLabel = "DIR", description = "Into DIR/share/jupyter/kernels.")
        private Path prefix;
    }

    @Override
    public Integer call() {
        try {
            Path kernels = place.prefix != null
                    ? JupyterFolders.underPrefix(place.prefix)
                    : place.sysPrefix
                            ? JupyterFolders.underPrefix(JupyterFolders.sysPrefix())
                            : JupyterFolders.ofUser();
            KernelSpec kernelSpec =
                    new KernelSpec(SessionJvm.current(), preview ? List.of("--enable-preview") : List.of());
            Path installed = kernelSpec.installInto(kernels);
            if (!kernelSpec.archive(installed).make()) {
                spec.commandLine()
                        .getOut()
                        .println("The class archive could not be made: the kernel works, but starts slower.");
            }
            spec.commandLine().getOut().println("Installed the kernel \"Java (Pomona)\" in " + installed);
            return 0;
        } catch (InstallException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 1;
        } catch (IOException e) {
            spec.commandLine()
                    .getErr()
                    .println("pomona: The kernel could not be installed: " + FileProblem.reason(e) + ".");
            return 1;
        }
    }
}
