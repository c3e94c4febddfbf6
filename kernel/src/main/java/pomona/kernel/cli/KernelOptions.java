package pomona.kernel.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import pomona.kernel.install.SessionJvm;
import pomona.kernel.notebook.NotebookException;

/** The options that a user gives for the virtual machine of the cells. */
final class KernelOptions {

    private KernelOptions() {}

    /** Starts a virtual machine with them once, so that what it says against them comes before anything runs. */
    static void check(List<String> options) throws NotebookException {
        if (options.isEmpty()) {
            return;
        }
        for (String option : options) {
            if (!option.startsWith("-")) {
                throw new NotebookException("--kernel-option " + option
                        + " is not an option of the Java virtual machine: they begin with a dash, such as -Xmx4g.");
            }
        }
        List<String> command = new ArrayList<>(SessionJvm.current().command(options));
        command.add("-version");
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new NotebookException("Java does not start with --kernel-option " + String.join(" ", options)
                        + ": " + firstLine(said));
            }
        } catch (IOException e) {
            throw new NotebookException("Java does not start: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String firstLine(String said) {
        String line = said.lines()
                .map(String::strip)
                .filter(l -> !l.isEmpty())
                .findFirst()
                .orElse("it says nothing");
        return line.endsWith(".") ? line : line + ".";
    }
}
