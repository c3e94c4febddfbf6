package pomona.kernel.magic;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import pomona.kernel.magic.KernelMagic.Kind;
import pomona.kernel.magic.MagicCommand.MagicCall;

/** Parses a magic's line with picocli and runs its command. */
final class MagicRunner {

    private static final int WIDTH = 100;
    private static final Pattern WORD = Pattern.compile("\\S+");

    private MagicRunner() {}

    static CommandLine line(KernelMagic magic) {
        MagicCommand command = KernelMagics.command(magic.name());
        CommandLine line = new CommandLine(command)
                .setTrimQuotes(false)
                .setExpandAtFiles(false)
                .setStopAtPositional(magic.kind() == Kind.JAVA)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpWidth(WIDTH)
                .setUsageHelpAutoWidth(false);
        line.getCommandSpec().usageMessage().sortOptions(false);
        return line;
    }

    static String help(KernelMagic magic) {
        return line(magic).getUsageMessage(Ansi.OFF);
    }

    /** Runs a line magic; one that takes code gets its text, where that begins, and whether its value is assigned. */
    static Object runLine(KernelMagic magic, LiveSession session, List<String> args) {
        if (magic.kind() == Kind.WORDS || args.size() != 3) {
            return run(magic, args, new MagicCall(session, "", 0, false, null));
        }
        String text = args.get(0);
        int position = Integer.parseInt(args.get(1));
        boolean assigned = !args.get(2).isEmpty();
        if (magic.kind() == Kind.SHELL) {
            boolean plain = !text.isBlank() && !text.strip().matches("-h|--help");
            return run(
                    magic,
                    plain ? List.of() : words(text),
                    new MagicCall(session, plain ? text : "", position, assigned, null));
        }
        return runJava(magic, text, new MagicCall(session, text, position, assigned, null));
    }

    static Object runCell(KernelMagic magic, LiveSession session, List<String> args, String body) {
        return run(magic, args, new MagicCall(session, body, session.bodyPosition(body), false, body));
    }

    /** The code begins at the first word that is neither an option nor an option's value. */
    private static Object runJava(KernelMagic magic, String text, MagicCall call) {
        List<String> words = words(text);
        CommandLine line = line(magic);
        ParseResult parsed = parse(line, words);
        int options = words.size()
                - parsed.matchedPositionals().stream()
                        .mapToInt(each -> each.stringValues().size())
                        .sum();
        Matcher matcher = WORD.matcher(text);
        int start = text.length();
        for (int i = 0; matcher.find(); i++) {
            if (i == options) {
                start = matcher.start();
                break;
            }
        }
        return finish(
                line,
                parsed,
                new MagicCall(call.session(), text.substring(start), call.position() + start, call.assigned(), null));
    }

    private static Object run(KernelMagic magic, List<String> words, MagicCall call) {
        CommandLine line = line(magic);
        if (call.ofCell()) {
            line.getCommandSpec().name("%" + line.getCommandSpec().name().replaceFirst("^%%", "%"));
        }
        return finish(line, parse(line, words), call);
    }

    private static ParseResult parse(CommandLine line, List<String> words) {
        try {
            return line.parseArgs(words.toArray(String[]::new));
        } catch (ParameterException e) {
            throw new MagicException(MagicSentence.of(e), e);
        }
    }

    private static Object finish(CommandLine line, ParseResult parsed, MagicCall call) {
        if (parsed.isUsageHelpRequested()) {
            System.out.print(line.getUsageMessage(Ansi.OFF));
            return null;
        }
        try {
            return ((MagicCommand) line.getCommand()).run(call);
        } catch (RuntimeException e) {
            throw e;
        } catch (IOException e) {
            throw new MagicException(line.getCommandName() + ": " + MagicSentence.of(e), e);
        } catch (Exception e) {
            throw MagicRunner.<RuntimeException>unchecked(e);
        }
    }

    private static List<String> words(String text) {
        List<String> words = new ArrayList<>();
        WORD.matcher(text).results().forEach(found -> words.add(found.group()));
        return words;
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> T unchecked(Throwable thrown) throws T {
        throw (T) thrown;
    }
}
