package pomona.kernel.magic;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code %env}: the environment that shell commands see. */
@Command(
        name = "%env",
        customSynopsis = {"%%env", "%%env NAME", "%%env NAME=VALUE", "%%env NAME VALUE"},
        description = {
            "Lists the environment, gives one variable's value, or sets it for the shell commands that follow."
                    + " System.getenv keeps the environment that the kernel was started with.",
            ""
        },
        optionListHeading = "%nOptions:%n",
        parameterListHeading = "%n")
final class EnvMagic extends MagicCommand {

    private static final Pattern SECRET = Pattern.compile("(?i).*(key|token|secret|password|passwd|credential).*");
    private static final int WIDTH = 100;

    @Parameters(
            paramLabel = "NAME",
            arity = "0..*",
            completionCandidates = Names.class,
            description = "The variable, and its new value.")
    private List<String> words = List.of();

    @Override
    Object run(MagicCall call) {
        ShellSettings settings = call.session().shell();
        Map<String, String> environment = settings.environment();
        if (words.isEmpty()) {
            ListTable table = new ListTable("name", "value");
            environment.forEach((name, value) ->
                    table.row(name, SECRET.matcher(name).matches() ? "(not shown)" : ShortValue.shorten(value, WIDTH)));
            call.session().display(table.display());
            return null;
        }
        String first = words.get(0);
        int equals = first.indexOf('=');
        if (words.size() == 1 && equals < 0) {
            return value(first, environment);
        }
        String name = equals < 0 ? first : first.substring(0, equals);
        if (name.isEmpty()) {
            throw new MagicException("%env: the name is empty; write %env NAME=VALUE.");
        }
        String rest = String.join(" ", words.subList(1, words.size()));
        settings.set(name, equals < 0 ? rest : (first.substring(equals + 1) + " " + rest).stripTrailing());
        return null;
    }

    private static String value(String name, Map<String, String> environment) {
        String value = environment.get(name);
        if (value == null) {
            List<String> near = Spelling.nearest(name, environment.keySet());
            throw new MagicException("There is no environment variable " + name
                    + (near.isEmpty() ? "." : "; did you mean " + String.join(" or ", near) + "?"));
        }
        return value;
    }

    /** The names that the environment has, to be completed. */
    static final class Names extends ArrayList<String> {

        private static final long serialVersionUID = 1L;

        Names() {
            super(System.getenv().keySet().stream().sorted().toList());
        }
    }
}
