package pomona.jupyter.magic;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.stream.Collectors;
import pomona.graph.Network;
import pomona.pass.Pass;
import pomona.pass.PassBinding;
import pomona.pass.PassOption;

/** A magic of a family of techniques: builds the pass record that its options describe, and applies it. */
class PassMagic extends Magic<Network> {

    private static final String METHOD = "method";
    private static final String NAME = "name";

    /** The label of options that are variables with data sets. */
    static final String DATASET = "DATASET";

    private final String magic;
    private final String family;
    private final String description;

    PassMagic(Session session, String magic, String family, String description) {
        super(session);
        this.magic = magic;
        this.family = family;
        this.description = description;
    }

    @Override
    final String help(List<String> line) {
        PassBinding binding = PassBinding.of(family);
        String chosen = method(words(line));
        if (chosen != null) {
            return withOptions(binding, chosen).usage() + "\n%" + magic
                    + " --help lists the options of every method.\n";
        }
        StringBuilder out = new StringBuilder(own(binding, Set.of()).usage());
        binding.methods().forEach((method, technique) -> {
            String options = new MagicCommand(magic, "").options(technique).optionList();
            out.append("\nOptions of --method ").append(method).append(":\n");
            out.append(options.isBlank() ? "  none\n" : options);
        });
        return out.toString();
    }

    @Override
    final MagicCommand command(List<String> given) {
        List<String> words = words(given);
        PassBinding binding = PassBinding.of(family);
        String method = method(binding, words);
        return binding.methods().containsKey(method) ? withOptions(binding, method) : own(binding, Set.of());
    }

    /** This magic with the options of a method. */
    private MagicCommand withOptions(PassBinding binding, String method) {
        Class<? extends Pass> technique = binding.technique(method);
        return own(binding, optionNames(technique)).method(method, technique, binding::owners);
    }

    private static Set<String> optionNames(Class<? extends Pass> technique) {
        return PassBinding.options(technique).stream()
                .map(PassOption::kebabName)
                .collect(Collectors.toSet());
    }

    @Override
    final Network run(List<String> line) {
        List<String> args = words(line);
        PassBinding binding = PassBinding.of(family);
        String method = method(binding, args);
        MagicArguments given = withOptions(binding, method).parse(args);
        Network network = network(given.first());
        Map<String, Object> options = new LinkedHashMap<>(given.optionsWithout(METHOD, NAME));
        takeRest(given.positional().subList(1, given.positional().size()), options);
        Network result = apply(binding, method, args, network, options);
        String name = given.options().get(NAME);
        return name == null ? result : result.named(name);
    }

    private Network apply(
            PassBinding binding, String method, List<String> args, Network network, Map<String, Object> options) {
        // A wrong name is told before the work and not after it.
        checkOwn(network, options);
        options.keySet().stream()
                .filter(ownOptions()::containsKey)
                .filter(option -> ownLabel(option).equals(DATASET))
                .forEach(option -> value(options.get(option).toString(), RandomAccessDataset.class));
        Map<String, Object> ofMethod = new LinkedHashMap<>(options);
        Set<String> known = optionNames(binding.technique(method));
        ofMethod.keySet().removeIf(option -> ownOptions().containsKey(option) && !known.contains(option));
        Network result;
        try {
            requireOptions(binding.technique(method), ofMethod);
            Pass pass = binding.bind(method, ofMethod, session::value);
            result = apply(pass, network);
        } catch (IllegalArgumentException e) {
            throw ledTo(binding, method, args, ofMethod.keySet(), e);
        }
        try {
            show(network, result, options);
        } catch (RuntimeException | Error e) {
            if (!isInterrupt(e)) {
                throw e;
            }
            session.display("Measuring was interrupted; the network was finished before that and is given back.");
        }
        return result;
    }

    /** What the core throws when it is interrupted, or what a data set throws that a cell declares. */
    private static boolean isInterrupt(Throwable thrown) {
        return thrown instanceof CancellationException
                || Thread.currentThread().isInterrupted() && !(thrown instanceof VirtualMachineError);
    }

    /** A method that only the options asked for is named, since what went wrong may be its. */
    private static IllegalArgumentException ledTo(
            PassBinding binding,
            String method,
            List<String> args,
            Set<String> options,
            IllegalArgumentException cause) {
        boolean usual = method.equals(binding.methods().keySet().iterator().next());
        if (method(args) != null || usual || options.isEmpty()) {
            return cause;
        }
        String given = options.stream().map(option -> "--" + option).collect(Collectors.joining(", "));
        return new IllegalArgumentException(
                cause.getMessage() + " (No method was given, and " + given + " led to --method " + method
                        + ", the only one that has " + (options.size() == 1 ? "it" : "them all") + ".)",
                cause);
    }

    private void requireOptions(Class<? extends Pass> technique, Map<String, Object> given) {
        for (PassOption option : PassBinding.options(technique)) {
            if (option.defaultText() == null && !given.containsKey(option.kebabName())) {
                throw new IllegalArgumentException("%" + magic + " needs --" + option.kebabName() + " with a value: "
                        + option.description() + ".");
            }
        }
    }

    /** The options of the magic itself, but for those that the method has of its own. */
    private MagicCommand own(PassBinding binding, Set<String> ofMethod) {
        String methods = String.join(", ", binding.methods().keySet());
        MagicCommand command = new MagicCommand(magic, description)
                .argument("NETWORK", networks(), networksDescription())
                .option(
                        METHOD,
                        "METHOD",
                        "the technique: " + methods
                                + "; if not given, the first, or the only one with the options that are")
                .candidates(METHOD, binding.methods().keySet());
        ownOptions().forEach((option, what) -> {
            if (!ofMethod.contains(option)) {
                command.option(option, ownLabel(option), what);
            }
        });
        return command.option(NAME, "NAME", "what to call the new network");
    }

    /** Options of the magic that every method can be given, with what they do. */
    Map<String, String> ownOptions() {
        return Map.of();
    }

    /** What the help calls the value of one of {@link #ownOptions}. */
    String ownLabel(String option) {
        return DATASET;
    }

    /** Refuses options of the magic that make no sense together, before the work. */
    void checkOwn(Network network, Map<String, Object> options) {
        // all do where there are none
    }

    /** The words of a line in this magic's own names. */
    List<String> words(List<String> given) {
        return given;
    }

    /** Applies the technique, and shows what it found on the way. */
    Network apply(Pass pass, Network network) {
        return network.apply(pass);
    }

    /**
     * Shows what the technique did, beside the network it gives.
     *
     * @param options what the line said, by the name of the option
     */
    void show(Network before, Network after, Map<String, Object> options) {
        // the network shows itself when the cell ends in it
    }

    /** How many networks the line names. */
    String networks() {
        return "1";
    }

    String networksDescription() {
        return "the variable that holds the network";
    }

    /** Takes the networks after the first one. */
    void takeRest(List<String> names, Map<String, Object> options) {
        // there are none when the line takes one network
    }

    /** The method that is named, or that the other options ask for. */
    private String method(PassBinding binding, List<String> args) {
        String named = method(args);
        if (named != null) {
            return named;
        }
        List<String> options = args.stream()
                .filter(arg -> arg.startsWith("--"))
                .map(arg -> arg.replaceFirst("^--", "").replaceFirst("=.*", ""))
                .filter(option -> !option.equals(NAME) && !ownOptions().containsKey(option))
                .toList();
        return binding.methodWith(options);
    }

    /** The method is needed before the line can be parsed, since it says which options there are. */
    private static String method(List<String> args) {
        for (int i = 0; i < args.size(); i++) {
            String arg = args.get(i);
            if (arg.startsWith("--" + METHOD + "=")) {
                return arg.substring(METHOD.length() + 3);
            }
            if (arg.equals("--" + METHOD) && i + 1 < args.size()) {
                return args.get(i + 1);
            }
        }
        return null;
    }
}
