package pomona.kernel;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A cell that asks what a name means: {@code String?}, {@code ?Math.max} or {@code %prune?}. No Java looks like it.
 *
 * @param name what is asked for
 */
record HelpQuestion(String name) {

    private static final Pattern FORM =
            Pattern.compile("\\s*(?:\\?{1,2}\\s*(%{0,2}[\\w.$]+)|(%{0,2}[\\w.$]+)\\s*\\?{1,2})\\s*");

    /** The question that a cell is, if it is one. */
    static Optional<HelpQuestion> in(String source) {
        Matcher form = FORM.matcher(source);
        return form.matches()
                ? Optional.of(new HelpQuestion(form.group(1) == null ? form.group(2) : form.group(1)))
                : Optional.empty();
    }

    /** Shows the answer; a failure when there is none. */
    Failure answer(CodeAssistant assistant, CellOutput output) {
        Map<String, Object> found = assistant.inspect(name, name.length());
        if (found.isEmpty()) {
            String problem = "There is nothing known of " + name + ".";
            return new Failure("HelpNotFound", problem, List.of(Ansi.error(problem)));
        }
        output.page(found);
        return null;
    }
}
