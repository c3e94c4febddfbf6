package pomona.kernel.cli;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** Entry point of {@code pomona run} and {@code pomona install}; exits with 0, 1 (it failed) or 2 (it was asked wrongly). */
@Command(
        name = "pomona",
        subcommands = {RunCommand.class, InstallCommand.class})
public final class Main implements Runnable {

    @Spec
    private CommandSpec spec;

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new Main()).setParameterExceptionHandler(Main::explain);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Say what to do: run or install.");
    }

    private static int explain(ParameterException mistake, String[] args) {
        CommandSpec command = mistake.getCommandLine().getCommandSpec();
        mistake.getCommandLine().getErr().println("pomona: " + sentence(mistake, command.name()));
        mistake.getCommandLine().getErr().println("Try: ./" + command.qualifiedName() + " --help");
        return 2;
    }

    private static String sentence(ParameterException mistake, String command) {
        if (mistake instanceof UnmatchedArgumentException unmatched) {
            String given = unmatched.getUnmatched().get(0);
            List<String> near = unmatched.getSuggestions();
            return given.startsWith("-")
                    ? "There is no option " + given + " of " + command
                            + (near.isEmpty() ? "." : "; did you mean " + near.get(0) + "?")
                    : command + " takes no argument, but was given " + given + ".";
        }
        if (mistake instanceof MissingParameterException missing) {
            ArgSpec wanted = missing.getMissing().get(0);
            return wanted instanceof OptionSpec option
                    ? option.longestName() + " needs a value: " + option.longestName() + " " + wanted.paramLabel() + "."
                    : "Say which: ./pomona " + command + " " + wanted.paramLabel() + ".";
        }
        return mistake.getMessage();
    }
}
