package pomona.kernel;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import pomona.kernel.CodeAssistant.Completion;
import pomona.kernel.CodeAssistant.Item;
import pomona.kernel.magic.KernelMagic;
import pomona.kernel.magic.LiveSession;

/** Completes a magic's line: its name, options, their values, paths of files, and variables. */
final class MagicCompletion {

    /** What labels of arguments say when a variable's name would make no sense there. */
    private static final Set<String> FREE = Set.of(
            "N", "NUMBER", "NUMBERS", "TEXT", "NAME", "SECONDS", "URL", "G:A:V", "SHAPE", "COLUMN", "ARG", "CODE",
            "TYPE");

    /** Describing more magics than these would load more than an answer may take. */
    private static final int MOST_DESCRIBED = 8;

    private final KnownMagics magics;
    private final Evaluator evaluator;
    private final JavaCompletion java;

    MagicCompletion(KnownMagics magics, Evaluator evaluator, JavaCompletion java) {
        this.magics = magics;
        this.evaluator = evaluator;
        this.java = java;
    }

    /** Completes a text that ends in a magic. */
    Completion complete(String before, MagicPlace place) {
        if (place.inBody()) {
            return new Completion(before.length(), before.length(), List.of());
        }
        int nameEnd = place.nameStart() + MagicLine.nameEnd(before.substring(place.nameStart()));
        String name = before.substring(place.nameStart(), nameEnd);
        if (nameEnd == before.length()) {
            return names(name, place);
        }
        return arguments(name, before, nameEnd, place.line());
    }

    private Completion names(String prefix, MagicPlace place) {
        List<String> found = magics.startingWith(prefix, place.line());
        boolean described = found.size() <= MOST_DESCRIBED;
        List<Item> items = found.stream()
                .map(name -> new Item(
                        name,
                        "magic",
                        magics.returnType(name, place.line()),
                        described ? magics.summary(name, place.line()) : ""))
                .toList();
        return new Completion(place.nameStart(), place.nameStart() + prefix.length(), items);
    }

    private Completion arguments(String name, String before, int from, boolean line) {
        MagicWords words = MagicWords.of(before, from);
        Object magic = magics.magic(name, line);
        KernelMagic.Kind kind = magics.kind(name, line);
        int brace = words.openBrace();
        if (brace >= 0) {
            return java.complete(before.substring(brace + 1), before.length());
        }
        if (kind == KernelMagic.Kind.SHELL) {
            return new Completion(words.lastStart(), before.length(), paths(words.last()));
        }
        CommandSpec spec = magic == null ? null : MagicSpecs.spec(magic, words.whole());
        if (spec == null) {
            return variables(words, "");
        }
        OptionSpec open = openOption(spec, words.whole());
        String last = words.last();
        if (open != null) {
            return values(open, words, last);
        } else if (last.startsWith("-") && last.indexOf('=') > 0) {
            OptionSpec given = spec.findOption(last.substring(0, last.indexOf('=')));
            String value = last.substring(last.indexOf('=') + 1);
            return given == null ? nothing(before) : values(given, words.atValue(), value);
        } else if (last.startsWith("-")) {
            return options(spec, words);
        }
        int index = positionals(spec, words.whole());
        if (kind == KernelMagic.Kind.JAVA && line) {
            int start =
                    index == 0 ? words.lastStart() : words.start(words.whole().size() - index);
            return java.complete(before.substring(start), before.length());
        }
        return spec.positionalParameters().stream()
                .filter(each -> each.index().contains(index))
                .findFirst()
                .map(each -> values(each, words, last))
                .orElseGet(() -> nothing(before));
    }

    private static Completion nothing(String before) {
        return new Completion(before.length(), before.length(), List.of());
    }

    /** The option whose value comes next, or null. */
    private static OptionSpec openOption(CommandSpec spec, List<String> words) {
        String before = words.isEmpty() ? "" : words.get(words.size() - 1);
        OptionSpec option = before.startsWith("-") ? spec.findOption(before) : null;
        return option != null && option.arity().min() > 0 ? option : null;
    }

    /** How many arguments stand there that are neither options nor their values. */
    private static int positionals(CommandSpec spec, List<String> words) {
        int count = 0;
        for (int i = 0; i < words.size(); i++) {
            boolean isValue = i > 0 && openOption(spec, words.subList(0, i)) != null;
            count += words.get(i).startsWith("-") || isValue ? 0 : 1;
        }
        return count;
    }

    private static Completion options(CommandSpec spec, MagicWords words) {
        List<Item> items = new ArrayList<>();
        for (OptionSpec option : spec.options()) {
            boolean given = !option.isMultiValue() && Stream.of(option.names()).anyMatch(words.whole()::contains);
            String name = option.longestName();
            if (!given && name.startsWith(words.last())) {
                String label = option.arity().max() > 0 ? name + " " + option.paramLabel() : name;
                items.add(new Item(name, "param", label, description(option)));
            }
        }
        return new Completion(words.lastStart(), words.end(), items);
    }

    static String description(ArgSpec argument) {
        return String.join(" ", argument.description())
                .replace("%%", "%")
                .replace("${DEFAULT-VALUE}", String.valueOf(argument.defaultValueString()));
    }

    private Completion values(ArgSpec argument, MagicWords words, String prefix) {
        String label = argument.paramLabel().replace(",...", "");
        if (argument.completionCandidates() != null) {
            List<Item> items = new ArrayList<>();
            for (String value : argument.completionCandidates()) {
                if (value.startsWith(prefix)) {
                    items.add(new Item(value, "keyword", "", description(argument)));
                }
            }
            return new Completion(words.end() - prefix.length(), words.end(), items);
        }
        boolean isPath = label.matches(".*(FILE|PATH|FOLDER|DIR|MODEL).*");
        List<Item> items = new ArrayList<>();
        if (!isPath || label.equals("MODEL")) {
            items.addAll(FREE.contains(label) ? List.of() : variables(prefix, label));
        }
        if (isPath) {
            items.addAll(paths(prefix));
        }
        int start = argument instanceof PositionalParamSpec ? words.lastStart() : words.end() - prefix.length();
        return new Completion(start, words.end(), items);
    }

    private List<Item> paths(String prefix) {
        return FilePaths.startingWith(prefix, magics.folder());
    }

    private Completion variables(MagicWords words, String label) {
        return new Completion(words.lastStart(), words.end(), variables(words.last(), label));
    }

    /** The variables, those first whose type the label names. */
    private List<Item> variables(String prefix, String label) {
        String wanted = label.toLowerCase(Locale.ROOT).replace("_", "");
        return evaluator.declarations().variables().stream()
                .filter(variable -> variable.name().startsWith(prefix))
                .sorted(Comparator.comparing((LiveSession.Variable each) -> !isOf(each, wanted))
                        .thenComparing(LiveSession.Variable::name))
                .map(each -> new Item(each.name(), "instance", JavaCompletion.brief(each.type()), ""))
                .toList();
    }

    private static boolean isOf(LiveSession.Variable variable, String wanted) {
        if (wanted.isEmpty() || variable.value() == null) {
            return false;
        }
        for (Class<?> type = variable.value().getClass(); type != null; type = type.getSuperclass()) {
            if (type.getSimpleName().toLowerCase(Locale.ROOT).equals(wanted)) {
                return true;
            }
        }
        return false;
    }
}
