package pomona.jupyter.magic;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;
import pomona.pass.NearestNames;
import pomona.pass.PassBinding;
import pomona.pass.PassOption;

/** The arguments and options that a magic takes: parses a line, and prints its help. */
final class MagicCommand {

    private static final int WIDTH = 100;
    private static final Set<String> TRUTH_VALUES = Set.of("true", "false", "yes", "no");

    private final String magic;
    private final CommandSpec spec = CommandSpec.create();
    private final Set<String> switches = new LinkedHashSet<>();
    private String method = "";
    private Function<String, List<String>> owners = option -> List.of();

    MagicCommand(String magic, String description) {
        this.magic = "%" + magic;
        spec.name(this.magic);
        spec.usageMessage().description(plain(description)).width(WIDTH).sortOptions(false);
        spec.parser().trimQuotes(false).expandAtFiles(false).abbreviatedOptionsAllowed(false);
        spec.addOption(OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .description("show this help")
                .build());
    }

    /** Adds an argument that is not an option; the arity is as picocli writes it, such as {@code 1..*}. */
    MagicCommand argument(String label, String arity, String description) {
        PositionalParamSpec.Builder argument = PositionalParamSpec.builder()
                .paramLabel(label)
                .arity(arity)
                .required(!arity.startsWith("0"))
                .description(plain(description));
        boolean one = arity.equals("1");
        spec.addPositional(
                one
                        ? argument.type(String.class).build()
                        : argument.type(List.class).auxiliaryTypes(String.class).build());
        return this;
    }

    /** Adds an option with a value. */
    MagicCommand option(String name, String label, String description) {
        return option(name, label, false, description);
    }

    /** Adds an option with a value that must be given. */
    MagicCommand required(String name, String label, String description) {
        return option(name, label, true, description);
    }

    private MagicCommand option(String name, String label, boolean required, String description) {
        spec.addOption(OptionSpec.builder("--" + name)
                .required(required)
                .paramLabel(label)
                .arity("1")
                .type(String.class)
                .completionCandidates(listed(label))
                .description(plain(description))
                .build());
        return this;
    }

    /** Tells which values an option that was added can have. */
    MagicCommand candidates(String name, Collection<String> values) {
        OptionSpec option = spec.findOption("--" + name);
        spec.remove(option);
        spec.addOption(
                option.toBuilder().completionCandidates(List.copyOf(values)).build());
        return this;
    }

    /** The values that a label such as {@code global|layer} lists; null when it lists none. */
    private static List<String> listed(String label) {
        return label.contains("|") ? List.of(label.replace(",...", "").split("\\|")) : null;
    }

    CommandSpec spec() {
        return spec;
    }

    /** Adds the options of a record: a technique, or settings. */
    MagicCommand options(Class<?> record) {
        for (PassOption option : PassBinding.options(record)) {
            boolean isSwitch = option.type() == boolean.class || option.type() == Boolean.class;
            if (isSwitch) {
                switches.add("--" + option.kebabName());
            }
            spec.addOption(OptionSpec.builder("--" + option.kebabName())
                    .paramLabel(OptionLabel.of(option))
                    .arity(isSwitch ? "0..1" : "1")
                    .fallbackValue("true")
                    .type(String.class)
                    .completionCandidates(listed(OptionLabel.of(option)))
                    .description(plain(option.description() + defaultNote(option)))
                    .build());
        }
        return this;
    }

    /** Adds the options of a method; of an option that it has not, the function tells which methods have it. */
    MagicCommand method(String name, Class<?> technique, Function<String, List<String>> ownersOf) {
        method = name;
        owners = ownersOf;
        return options(technique);
    }

    private static String defaultNote(PassOption option) {
        if (option.defaultText() == null) {
            return " (required)";
        }
        return option.defaultText().isEmpty() ? "" : " (default: " + option.defaultText() + ")";
    }

    /** Picocli formats descriptions. */
    private static String plain(String text) {
        return text.replace("%", "%%");
    }

    /** The help of the whole command. */
    String usage() {
        return new CommandLine(spec).getUsageMessage(CommandLine.Help.Ansi.OFF);
    }

    /** The help of its options alone. */
    String optionList() {
        return new CommandLine(spec)
                .getHelp()
                .optionList()
                .lines()
                .filter(line -> !line.contains("--help"))
                .collect(Collectors.joining("\n", "", "\n"));
    }

    static boolean asksForHelp(List<String> line) {
        return line.contains("--help") || line.contains("-h");
    }

    /**
     * Parses a magic's line.
     *
     * @throws IllegalArgumentException if something is unknown, missing or given twice; the message is one sentence
     */
    MagicArguments parse(List<String> line) {
        try {
            ParseResult result =
                    new CommandLine(spec).parseArgs(withTruthValues(line).toArray(String[]::new));
            List<String> positional = new ArrayList<>();
            result.matchedPositionals().forEach(given -> positional.addAll(given.stringValues()));
            Map<String, String> options = new LinkedHashMap<>();
            result.matchedOptions()
                    .forEach(given -> options.put(given.longestName().substring(2), given.<String>getValue()));
            return new MagicArguments(List.copyOf(positional), options);
        } catch (ParameterException e) {
            throw new IllegalArgumentException(sentence(e, line), e);
        }
    }

    /** A switch takes a value only when one follows, so that {@code --flag network} means what it says. */
    private List<String> withTruthValues(List<String> line) {
        List<String> out = new ArrayList<>(line);
        for (int i = 0; i < out.size(); i++) {
            boolean followed = i + 1 < out.size() && TRUTH_VALUES.contains(out.get(i + 1));
            if (switches.contains(out.get(i)) && !followed) {
                out.set(i, out.get(i) + "=true");
            }
        }
        return out;
    }

    private String sentence(ParameterException e, List<String> line) {
        if (e instanceof UnmatchedArgumentException unmatched) {
            return unmatched(unmatched.getUnmatched().get(0), line);
        }
        if (e instanceof OverwrittenOptionException twice) {
            return magic + " was given " + name(twice.getOverwritten()) + " twice; give it once.";
        }
        if (e instanceof MissingParameterException missing
                && !missing.getMissing().isEmpty()) {
            ArgSpec first = missing.getMissing().get(0);
            String description = String.join(" ", first.description()).replace("%%", "%");
            return magic + " needs " + name(first) + (first.isOption() ? " with a value: " : ": ") + description + ".";
        }
        return magic + ": " + e.getMessage().lines().findFirst().orElse("the line is not understood") + ".";
    }

    private String unmatched(String argument, List<String> line) {
        if (!argument.startsWith("-")) {
            int at = line.lastIndexOf(argument);
            if (at > 0 && switches.contains(line.get(at - 1))) {
                return magic + " " + line.get(at - 1) + " takes true or false, not " + argument + ".";
            }
            return magic + " does not take " + argument + "; " + magic + " --help shows what it takes.";
        }
        String option = argument.contains("=") ? argument.substring(0, argument.indexOf('=')) : argument;
        List<String> known = spec.options().stream()
                .flatMap(o -> Stream.of(o.names()))
                .filter(name -> name.startsWith("--"))
                .toList();
        List<String> methods = owners.apply(option.replaceFirst("^--", ""));
        return methods.isEmpty()
                ? magic + " has no option " + option + NearestNames.suggest(option, known)
                : magic + " --method " + method + " has no option " + option + PassBinding.belongs(methods);
    }

    private static String name(ArgSpec argument) {
        return argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
    }
}
