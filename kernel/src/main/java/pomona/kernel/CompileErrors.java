package pomona.kernel;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import jdk.jshell.Diag;

/** Tells compile errors: the cell's line, a caret under the place, what is wrong. */
final class CompileErrors {

    static final String NAME = "CompilationError";

    /** One error with its place. */
    record Located(Origin.Place place, int width, String message) {}

    private CompileErrors() {}

    /** Gives the errors among a snippet's diagnostics, in order of their places and without repeats. */
    static List<Located> locate(List<Diag> diagnostics, Origin origin) {
        Set<Located> found = new LinkedHashSet<>();
        List<Diag> errors = diagnostics.stream().filter(Diag::isError).toList();
        for (Diag one : errors) {
            // JShell's own wrapping of a statement lacks a return when the statement is wrong.
            boolean ofWrapper = errors.size() > 1 && one.getCode().equals("compiler.err.missing.ret.stmt");
            if (!ofWrapper) {
                found.add(locate(one, origin, 0));
            }
        }
        return new ArrayList<>(found);
    }

    /** Locates one error whose positions count from some way before its snippet. */
    static Located locate(Diag diagnostic, Origin origin, int before) {
        long start = diagnostic.getPosition() >= 0 ? diagnostic.getPosition() : diagnostic.getStartPosition();
        Origin.Place place = origin.at(start - before);
        long length = diagnostic.getPosition() == diagnostic.getStartPosition()
                ? diagnostic.getEndPosition() - diagnostic.getStartPosition()
                : 1;
        int rest = Math.max(1, place.lineText().length() - place.column());
        return new Located(place, (int) Math.max(1, Math.min(length, rest)), sentence(diagnostic.getMessage(null)));
    }

    /**
     * Reports errors together.
     *
     * @param hints lines to add below an error's message; each is given once
     */
    static Failure report(List<Located> errors, Function<String, List<String>> hints) {
        Set<String> given = new LinkedHashSet<>();
        List<String> lines = new ArrayList<>();
        for (Located error : errors) {
            lines.addAll(describe(error));
            hints.apply(error.message()).stream().filter(given::add).forEach(lines::add);
        }
        Located first = errors.get(0);
        String evalue = "line " + first.place().line() + ": " + first.message();
        if (errors.size() > 1) {
            evalue += " (and " + (errors.size() - 1) + " more)";
        }
        return new Failure(NAME, evalue, lines);
    }

    static List<String> describe(Located error) {
        Origin.Place place = error.place();
        String number = String.valueOf(place.line());
        String text = place.lineText().replace('\t', ' ');
        String gutter = " ".repeat(number.length() + 2) + " | ";
        int column = Math.min(place.column(), text.length());
        return List.of(
                place.headline(),
                Ansi.error("> " + number + " |") + " " + text,
                gutter + " ".repeat(column) + Ansi.error("^".repeat(error.width())),
                Ansi.error("error: ") + error.message());
    }

    /** Makes one sentence of the compiler's lines and drops the names of the classes that wrap a snippet. */
    static String sentence(String message) {
        String[] lines = message.strip().split("\\R");
        StringBuilder out = new StringBuilder(lines[0].strip());
        for (int i = 1; i < lines.length; i++) {
            String line = lines[i].strip();
            if (line.startsWith("symbol:")) {
                out.append(": ").append(line.substring("symbol:".length()).strip());
            } else if (line.startsWith("location:")) {
                String location = line.substring("location:".length()).strip();
                if (!location.matches("class( [\\d_]+\\w*| REPL\\..*)?")) {
                    out.append(" in ").append(location);
                }
            } else if (!line.isEmpty()) {
                out.append(out.charAt(out.length() - 1) == ';' ? " " : "; ").append(line);
            }
        }
        return out.toString()
                .replaceAll("REPL\\.\\$JShell\\$\\w+\\.", "")
                .replaceAll("\\bjava\\.lang\\.(?=[A-Z]\\w*\\b(?!\\.))", "");
    }
}
