package pomona.kernel;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import jdk.jshell.DeclarationSnippet;
import jdk.jshell.JShell;
import jdk.jshell.MethodSnippet;
import jdk.jshell.Snippet;

/** Tells which declarations of a cell can not be used yet, since they name something that is not declared. */
final class UnresolvedWarnings {

    private UnresolvedWarnings() {}

    static void print(JShell shell, List<Snippet> declared, Function<String, Origin> origins) {
        for (Snippet snippet : declared) {
            if (!(snippet instanceof DeclarationSnippet declaration) || !isUnresolved(shell.status(snippet))) {
                continue;
            }
            System.err.println(Ansi.warning("warning: ") + sentence(shell, declaration));
            Origin origin = origins.apply(snippet.id());
            if (origin != null) {
                CompileErrors.locate(shell.diagnostics(snippet).toList(), origin).stream()
                        .flatMap(error -> CompileErrors.describe(error).stream())
                        .forEach(System.err::println);
            }
            shell.unresolvedDependencies(declaration)
                    .flatMap(missing -> MissingImports.proposals("cannot find symbol: " + missing, shell).stream())
                    .distinct()
                    .forEach(System.err::println);
        }
    }

    static String sentence(JShell shell, DeclarationSnippet snippet) {
        String name = snippet instanceof MethodSnippet method
                ? method.name() + "(" + method.parameterTypes() + ")"
                : snippet.name();
        String missing = shell.unresolvedDependencies(snippet).collect(Collectors.joining(", "));
        return name + " can not be used until "
                + (missing.isEmpty() ? "its errors are mended" : missing + " is declared") + ".";
    }

    private static boolean isUnresolved(Snippet.Status status) {
        return status == Snippet.Status.RECOVERABLE_DEFINED || status == Snippet.Status.RECOVERABLE_NOT_DEFINED;
    }
}
