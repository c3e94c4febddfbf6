package pomona.kernel;

import java.util.List;
import java.util.Map;
import jdk.jshell.VarSnippet;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Documents the parts of a magic's line: the magic, its options, and the variables it names. */
final class MagicInspection {

    private final KnownMagics magics;
    private final Evaluator evaluator;

    MagicInspection(KnownMagics magics, Evaluator evaluator) {
        this.magics = magics;
        this.evaluator = evaluator;
    }

    /** Documents the word from start to end. */
    Map<String, Object> inspect(String code, int start, int end, MagicPlace place) {
        String upToWord = code.substring(0, end);
        String magic = code.substring(
                place.nameStart(), place.nameStart() + MagicLine.nameEnd(code.substring(place.nameStart())));
        if (end <= place.nameStart() + magic.length()) {
            return magic(magic, place.line());
        }
        MagicWords words = MagicWords.of(upToWord, place.nameStart() + magic.length());
        if (words.last().startsWith("-")) {
            int stop = end;
            while (stop < code.length() && (code.charAt(stop) == '-' || Character.isLetterOrDigit(code.charAt(stop)))) {
                stop++;
            }
            String option = code.substring(words.lastStart(), stop).replaceFirst("=.*", "");
            return option(magic, place.line(), option, words.whole());
        }
        VarSnippet variable = evaluator.locked(() -> evaluator.declarations().variable(code.substring(start, end)));
        return variable == null
                ? magic(magic, place.line())
                : evaluator.locked(() -> evaluator.declarations().describe(variable));
    }

    private Map<String, Object> option(String name, boolean line, String option, List<String> words) {
        Object magic = magics.magic(name, line);
        CommandSpec spec = magic == null ? null : MagicSpecs.spec(magic, words);
        OptionSpec found = spec == null ? null : spec.findOption(option);
        if (found == null) {
            return magic(name, line);
        }
        String label = found.arity().max() > 0 ? " " + found.paramLabel() : "";
        return Documented.plain(String.join(", ", found.names()) + label, MagicCompletion.description(found));
    }

    private Map<String, Object> magic(String name, boolean line) {
        Object magic = magics.magic(name, line);
        if (magic == null) {
            return Map.of();
        }
        String type = magics.returnType(name, line);
        String help = MagicSpecs.help(magic);
        return Documented.plain(
                (type == null ? "" : type + " ") + (line ? "%" : "%%") + name, help == null ? "" : help.strip());
    }
}
