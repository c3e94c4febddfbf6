package pomona.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import jdk.jshell.JShell;
import jdk.jshell.Snippet;
import jdk.jshell.SnippetEvent;

/** Makes many imports on demand at once. */
final class StarImports {

    /** Nested classes of these are few or none, so importing them changes nothing but gives a group a name of its own. */
    private static final List<String> GROUP_NAMES = List.of(
            "Void", "Byte", "Short", "Boolean", "Float", "Double", "Long", "Integer", "Math", "StrictMath", "Number");

    private final JShell shell;
    private int groups;

    StarImports(JShell shell) {
        this.shell = shell;
    }

    /**
     * Joins imports on demand into one snippet, which costs one compilation; other imports may be replaced one by one.
     *
     * @return the pieces that remain to be evaluated
     */
    List<Piece> group(List<Piece> pieces) {
        List<Piece> stars =
                new ArrayList<>(pieces.stream().filter(Piece::isStarImport).toList());
        if (stars.size() < 2 || groups == GROUP_NAMES.size()) {
            return pieces;
        }
        // On one line: JShell compiles what depends on earlier snippets anew, and replaces it, which loses its values,
        // if
        // as much as a line number has changed.
        String head = "import java.lang." + GROUP_NAMES.get(groups++) + ".*; ";
        for (int attempt = 0; attempt < 2 && stars.size() > 1; attempt++) {
            String group =
                    head + stars.stream().map(star -> oneLine(star.source())).collect(Collectors.joining(" "));
            SnippetEvent event = shell.eval(group).get(0);
            if (event.status() == Snippet.Status.VALID) {
                List<Piece> rest = new ArrayList<>(pieces);
                rest.removeAll(stars);
                return rest;
            }
            // What is wrong is told when it is evaluated by itself; the others are tried again without it.
            List<Piece> wrong = shell.diagnostics(event.snippet())
                    .map(diagnostic -> importAt(group, diagnostic.getPosition()) - 1)
                    .filter(index -> index >= 0 && index < stars.size())
                    .distinct()
                    .map(stars::get)
                    .toList();
            stars.removeAll(wrong);
        }
        return pieces;
    }

    private static String oneLine(String source) {
        return source.strip().replaceAll("\\s*\\R\\s*", " ");
    }

    private static int importAt(String text, long position) {
        return (int) text.substring(0, (int) Math.max(0, Math.min(position, text.length())))
                .chars()
                .filter(c -> c == ';')
                .count();
    }
}
