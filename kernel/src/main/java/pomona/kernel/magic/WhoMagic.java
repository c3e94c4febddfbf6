package pomona.kernel.magic;

import java.util.List;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import pomona.kernel.magic.LiveSession.Variable;

/** {@code %who}: the session's variables. */
@Command(
        name = "%who",
        description = {"Shows the variables with their types and values, shortened.", ""},
        optionListHeading = "%nOptions:%n",
        parameterListHeading = "%n")
final class WhoMagic extends MagicCommand {

    private static final Pattern PACKAGE = Pattern.compile("\\b(?:[a-z_]\\w*\\.)+(?=[A-Z])");

    @Parameters(
            paramLabel = "TYPE",
            arity = "0..*",
            description = "Only variables of these types, such as String or List.")
    private List<String> types = List.of();

    @Override
    Object run(MagicCall call) {
        ListTable table = new ListTable("variable", "type", "value");
        for (Variable variable : call.session().variables()) {
            if (types.isEmpty() || types.contains(simple(variable))) {
                table.row(
                        variable.name(),
                        PACKAGE.matcher(variable.type()).replaceAll(""),
                        ShortValue.of(variable.value()));
            }
        }
        if (table.isEmpty()) {
            System.out.println(
                    types.isEmpty()
                            ? "There are no variables yet."
                            : "There is no variable of type " + String.join(" or ", types) + ".");
            return null;
        }
        call.session().display(table.display());
        return null;
    }

    private static String simple(Variable variable) {
        String raw = variable.type().replaceAll("<.*>", "");
        return raw.substring(raw.lastIndexOf('.') + 1);
    }
}
