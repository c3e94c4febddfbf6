package pomona.kernel.magic;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says in one sentence what is wrong with a magic's line, or with a file. */
final class MagicSentence {

    private MagicSentence() {}

    static String of(ParameterException e) {
        CommandLine line = e.getCommandLine();
        String magic = line.getCommandName();
        if (e instanceof UnmatchedArgumentException unmatched) {
            return unmatched(line, unmatched.getUnmatched().get(0));
        }
        if (e instanceof OverwrittenOptionException twice) {
            return magic + " was given " + name(twice.getOverwritten()) + " twice; give it once.";
        }
        if (e instanceof MissingParameterException missing
                && !missing.getMissing().isEmpty()) {
            ArgSpec first = missing.getMissing().get(0);
            String what = String.join(" ", first.description());
            return magic + " needs " + name(first) + (first.isOption() ? " with a value: " : ": ")
                    + Character.toLowerCase(what.charAt(0)) + what.substring(1);
        }
        String why = e.getMessage().lines().findFirst().orElse("the line is not understood");
        if (e.getArgSpec() != null && e.getValue() != null) {
            ArgSpec argument = e.getArgSpec();
            return magic + ": " + name(argument) + " is " + e.getValue() + ", but must be "
                    + kind(argument.typeInfo().getType()) + ".";
        }
        return magic + ": " + why + (why.endsWith(".") ? "" : ".");
    }

    private static String kind(Class<?> type) {
        return type == int.class || type == long.class || type == Integer.class || type == Long.class
                ? "a whole number"
                : type == double.class || type == Double.class ? "a number" : "a " + type.getSimpleName();
    }

    private static String unmatched(CommandLine line, String argument) {
        String magic = line.getCommandName();
        if (!argument.startsWith("-")) {
            return magic + " does not take " + argument + "; " + magic + " --help shows what it takes.";
        }
        String option = argument.contains("=") ? argument.substring(0, argument.indexOf('=')) : argument;
        List<String> known = line.getCommandSpec().options().stream()
                .flatMap(each -> Stream.of(each.names()))
                .filter(name -> name.startsWith("--"))
                .toList();
        List<String> near = Spelling.nearest(option, known);
        return magic + " has no option " + option
                + (near.isEmpty()
                        ? "; there is " + String.join(", ", known) + "."
                        : "; did you mean " + String.join(" or ", near) + "?");
    }

    private static String name(ArgSpec argument) {
        return argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
    }

    /** What a failed file operation means. */
    static String of(IOException e) {
        String file = e instanceof FileSystemException named ? named.getFile() : e.getMessage();
        if (e instanceof NoSuchFileException || e instanceof FileNotFoundException) {
            return "there is no file " + file + ".";
        } else if (e instanceof AccessDeniedException) {
            return file + " can not be read: access is denied.";
        } else if (e instanceof NotDirectoryException) {
            return file + " is not a folder.";
        }
        return e.getMessage() == null ? e.toString() : e.getMessage();
    }
}
