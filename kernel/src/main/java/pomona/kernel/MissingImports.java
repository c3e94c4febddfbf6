package pomona.kernel;

import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import jdk.jshell.JShell;
import jdk.jshell.SourceCodeAnalysis.QualifiedNames;

/** Finds the imports that a compile error asks for, in the index of JDK and class path that JShell makes beside the cells. */
final class MissingImports {

    private static final Pattern TYPE = Pattern.compile("cannot find symbol: (?:class|variable) ([A-Z]\\w*)\\b.*");
    private static final int MOST = 4;

    /** The index may still be in the making: it begins with the first error or question, or some seconds after the start. */
    private static final long PATIENCE_MILLIS = 5000;

    /** Where people mostly mean, best first; what is in none comes behind the last but one. */
    private static final List<Pattern> RANKS = List.of(
            Pattern.compile("java\\.(util|nio\\.file|io|time|math|net)\\.[A-Z].*"),
            Pattern.compile("java\\.(util|nio|time|text|lang)\\.[a-z.]*[A-Z]\\w*"),
            Pattern.compile("(pomona|ai\\.djl|tech\\.tablesaw)\\..*"),
            Pattern.compile("java\\.(?!awt|rmi|applet|beans).*"),
            Pattern.compile(
                    "(?!java|com\\.sun|sun|jdk|org\\.(w3c|xml|ietf|jcp)|.*(shaded?|internal|repackaged|shadow)).*"),
            Pattern.compile("javax?\\..*"));

    private MissingImports() {}

    /** Sentences that propose imports for an error's message; empty when it is not about a type or none is known. */
    static List<String> proposals(String message, JShell shell) {
        Matcher matcher = TYPE.matcher(message);
        if (!matcher.matches()) {
            return List.of();
        }
        String name = matcher.group(1);
        List<String> found = names(name, shell).stream()
                .filter(full -> full.endsWith("." + name) && !full.startsWith("REPL."))
                .sorted(Comparator.comparing(MissingImports::rank)
                        .thenComparing(String::length)
                        .thenComparing(Comparator.naturalOrder()))
                .limit(MOST)
                .map(full -> "import " + full + ";")
                .collect(Collectors.toList());
        if (!found.isEmpty()) {
            found.set(0, "Did you mean: " + found.get(0));
        }
        for (int i = 1; i < found.size(); i++) {
            found.set(i, "          or: " + found.get(i));
        }
        return found;
    }

    private static List<String> names(String name, JShell shell) {
        long deadline = System.nanoTime() + PATIENCE_MILLIS * 1_000_000;
        while (true) {
            QualifiedNames names = shell.sourceCodeAnalysis().listQualifiedNames(name, name.length());
            if (names.isUpToDate() || System.nanoTime() > deadline) {
                return names.getNames();
            }
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return names.getNames();
            }
        }
    }

    private static int rank(String full) {
        for (int i = 0; i < RANKS.size(); i++) {
            if (RANKS.get(i).matcher(full).matches()) {
                return i;
            }
        }
        return RANKS.size();
    }
}
