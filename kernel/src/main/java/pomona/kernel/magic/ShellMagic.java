package pomona.kernel.magic;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code %sh}, {@code %%sh} and {@code %%bash}: a shell's commands, whose output comes as it is written. */
@Command(
        name = "%sh",
        customSynopsis = {"%%sh COMMAND", "List<String> lines = %%sh COMMAND", "%%%%sh on a cell's first line"},
        description = {
            "Runs commands of the shell. What they write appears as it comes; an exit code other than 0 is an error."
                    + " Braces on a line %%sh hold Java values: %%sh wc -l {file}.",
            ""
        },
        optionListHeading = "%nOptions:%n",
        parameterListHeading = "%n")
class ShellMagic extends MagicCommand {

    private static final long GRACE_MILLIS = 200;

    private final String shell;

    @Parameters(paramLabel = "ARG", arity = "0..*", description = "For a cell: $1, $2 and so on of the script.")
    private List<String> arguments = List.of();

    ShellMagic(String shell) {
        this.shell = shell;
    }

    @Override
    Object run(MagicCall call) throws IOException, InterruptedException {
        if (call.code().isBlank()) {
            throw new MagicException(
                    call.ofCell()
                            ? "%%" + shell + " needs commands below its line."
                            : "%" + shell + " needs a command, such as %" + shell + " ls -l.");
        }
        Process process = start(call);
        StringBuilder taken = new StringBuilder();
        Thread out = pump(process.getInputStream(), call.assigned() ? null : System.out, taken);
        Thread err = pump(process.getErrorStream(), System.err, taken);
        try {
            int code = process.waitFor();
            out.join();
            err.join();
            if (code != 0) {
                throw new ExitCodeException(shell + " ended with exit code " + code + ".");
            }
        } catch (InterruptedException e) {
            stop(process);
            throw e;
        }
        return call.assigned() ? taken.toString().lines().toList() : null;
    }

    /** {@code %%bash}. */
    @Command(
            name = "%%bash",
            customSynopsis = "%%%%bash [ARG...] on a cell's first line",
            description = {
                "Runs the cell as a script of Bash. What it writes appears as it comes; an exit code other than 0 is an"
                        + " error.",
                ""
            },
            optionListHeading = "%nOptions:%n",
            parameterListHeading = "%n")
    static final class BashMagic extends ShellMagic {

        BashMagic() {
            super("bash");
        }
    }

    /** Tells that a command failed. */
    static final class ExitCodeException extends MagicException {

        private static final long serialVersionUID = 1L;

        ExitCodeException(String sentence) {
            super(sentence);
        }
    }

    private Process start(MagicCall call) throws IOException {
        boolean windows = File.separatorChar == '\\';
        List<String> command = new java.util.ArrayList<>(
                windows && shell.equals("sh") ? List.of("cmd", "/c", call.code()) : List.of(shell, "-c", call.code()));
        if (!windows || shell.equals("bash")) {
            command.add(shell);
        }
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        ShellSettings settings = call.session().shell();
        if (!Files.isDirectory(settings.folder())) {
            throw new MagicException("The folder " + settings.folder() + " is gone; go to another one with %cd.");
        }
        builder.directory(settings.folder().toFile());
        builder.environment().putAll(settings.environment());
        try {
            Process process = builder.start();
            process.getOutputStream().close();
            return process;
        } catch (IOException e) {
            throw new MagicException("There is no " + shell + " on the path of this machine.", e);
        }
    }

    /** Hands on what a process writes, from a thread of this cell; a process's pipes can not be read interruptibly. */
    private static Thread pump(InputStream from, PrintStream to, StringBuilder taken) {
        Thread thread = new Thread(
                () -> {
                    byte[] buffer = new byte[8192];
                    try (from) {
                        java.io.ByteArrayOutputStream all = new java.io.ByteArrayOutputStream();
                        for (int read = from.read(buffer); read >= 0; read = from.read(buffer)) {
                            (to == null ? all : to).write(buffer, 0, read);
                        }
                        taken.append(to == null ? all.toString(StandardCharsets.UTF_8) : "");
                    } catch (IOException e) {
                        // The process was stopped.
                    }
                },
                "shell-output");
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private static void stop(Process process) throws InterruptedException {
        List<ProcessHandle> all = java.util.stream.Stream.concat(
                        process.descendants(), java.util.stream.Stream.of(process.toHandle()))
                .toList();
        all.forEach(ProcessHandle::destroy);
        process.waitFor(GRACE_MILLIS, TimeUnit.MILLISECONDS);
        all.forEach(ProcessHandle::destroyForcibly);
    }
}
