package pomona.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import javax.lang.model.SourceVersion;
import jdk.jshell.DeclarationSnippet;
import jdk.jshell.ExpressionSnippet;
import jdk.jshell.JShell;
import jdk.jshell.JShellException;
import jdk.jshell.Snippet;
import jdk.jshell.SnippetEvent;
import jdk.jshell.SourceCodeAnalysis;
import jdk.jshell.SourceCodeAnalysis.Completeness;
import jdk.jshell.SourceCodeAnalysis.CompletionInfo;
import jdk.jshell.VarSnippet;
import pomona.kernel.magic.LiveSession;
import pomona.kernel.magic.ShortValue;
import pomona.kernel.magic.Spelling;

/** Runs Java text through JShell, snippet by snippet, and knows which cell each snippet came from. */
final class Evaluator {

    /** Nested classes of these are few or none, so importing them changes nothing but gives a group a name of its own. */
    private static final List<String> GROUP_NAMES = List.of(
            "Void", "Byte", "Short", "Boolean", "Float", "Double", "Long", "Integer", "Math", "StrictMath", "Number");

    private static final String WARM_UP = "int warm$up = 1; System.out.print(\"\");\nwarm$up + 1";

    /** What running some text came to: a value, or a failure. */
    record Outcome(Object value, boolean shown, Failure failure, Throwable thrown, List<CompileErrors.Located> errors) {

        static final Outcome NOTHING = new Outcome(null, false, null, null, List.of());

        static Outcome failed(Failure failure, Throwable thrown) {
            return new Outcome(null, false, failure, thrown, List.of());
        }

        static Outcome notCompiled(List<CompileErrors.Located> errors, JShell shell) {
            Failure failure = CompileErrors.report(errors, message -> MissingImports.proposals(message, shell));
            return new Outcome(null, false, failure, null, errors);
        }
    }

    private final JShell shell;
    private final SnippetControl control;
    private final ReentrantLock compiling;
    private final Interrupts interrupts;
    private final Map<String, Origin> origins = new ConcurrentHashMap<>();
    private final RuntimeErrors runtimeErrors;
    private final SyntaxCheck syntax;
    private Set<String> atStart = Set.of();
    private final PendingImports pending;
    private final ClassPathFiles files;
    private int groups;

    Evaluator(
            JShell shell,
            SnippetControl control,
            ReentrantLock compiling,
            Interrupts interrupts,
            KnownMagics magics,
            SyntaxCheck syntax,
            PendingImports pending,
            ClassPathFiles files) {
        this.syntax = syntax;
        this.pending = pending;
        this.files = files;
        this.shell = shell;
        this.control = control;
        this.compiling = compiling;
        this.interrupts = interrupts;
        this.runtimeErrors = new RuntimeErrors(origins::get, magics);
    }

    /** Runs a cell until its end or its first failure; warns of declarations that still miss something. */
    Outcome runCell(CellText text, int cell) {
        compiling.lock();
        try {
            pending.takeFor(text.java()).forEach(this::makeImports);
            List<Piece> pieces = split(text);
            Piece wrong = firstWithSyntaxError(pieces);
            if (wrong != null) {
                // Nothing of a cell with a syntax error runs, so there is nothing half done to undo.
                return evaluate(wrong, text, cell);
            }
            Outcome outcome = Outcome.NOTHING;
            List<Snippet> declared = new ArrayList<>();
            RunClock clock = text.isTimedAsWhole() ? new RunClock() : null;
            for (int i = 0; i < pieces.size(); i++) {
                if (interrupts.requested()) {
                    return Outcome.failed(runtimeErrors.interrupted(null), new CellInterruptedError());
                }
                Piece piece = pieces.get(i);
                boolean timed = text.isTimed(
                        piece.start(), piece.start() + piece.source().length());
                outcome = timed || clock != null
                        ? evaluateTimed(piece, text, cell, declared, timed ? new RunClock() : clock, timed)
                        : evaluate(piece, text, cell, declared);
                if (outcome.failure() != null) {
                    return outcome.errors().isEmpty()
                            ? outcome
                            : withLaterErrors(outcome, pieces.subList(i, pieces.size()), text, cell);
                }
            }
            if (clock != null) {
                System.out.println("time: " + clock.text());
            }
            UnresolvedWarnings.print(shell, declared, origins::get);
            return outcome;
        } finally {
            compiling.unlock();
        }
    }

    private Outcome evaluateTimed(
            Piece piece, CellText text, int cell, List<Snippet> declared, RunClock clock, boolean told) {
        control.timeBy(clock);
        try {
            Outcome outcome = evaluate(piece, text, cell, declared);
            if (told && outcome.failure() == null) {
                System.out.println("time: " + clock.text());
            }
            return outcome;
        } finally {
            control.timeBy(null);
        }
    }

    /** Runs text for a magic of the running cell; a failure is thrown with what the cell is to show of it. */
    Object runForMagic(CellText text, int cell) {
        boolean before = interrupts.enter(false);
        try {
            Outcome outcome = runCell(text, cell);
            if (outcome.failure() != null) {
                throw new CarriedFailureException(outcome.failure(), outcome.thrown());
            }
            return outcome.value();
        } finally {
            interrupts.leave(before);
        }
    }

    /** Whether a text is one expression with a value. */
    boolean isValue(String java) {
        return locked(() -> {
            List<Snippet> found = shell.sourceCodeAnalysis().sourceToSnippets(java.strip());
            return found.size() == 1
                    && (found.get(0).kind() == Snippet.Kind.EXPRESSION
                            || found.get(0).subKind() == Snippet.SubKind.TEMP_VAR_EXPRESSION_SUBKIND);
        });
    }

    /** Remembers what is declared now, which a reset keeps. */
    void markStart() {
        atStart = snippetIds();
    }

    /** Drops what cells declared since the start, and lets go of the variables' values. */
    void reset() {
        locked(() -> {
            List<Snippet> later = shell.snippets()
                    .filter(snippet -> !atStart.contains(snippet.id()))
                    .filter(snippet -> shell.status(snippet).isActive())
                    .toList();
            control.forgetting(true);
            for (Snippet snippet : later) {
                if (snippet instanceof VarSnippet variable && shell.status(variable) == Snippet.Status.VALID) {
                    shell.varValue(variable);
                }
                shell.drop(snippet);
            }
            control.forgetting(false);
            return control.takeValue();
        });
    }

    /** A variable's type, name and value, shortened. */
    Map<String, Object> describe(VarSnippet variable) {
        shell.varValue(variable);
        String value = ShortValue.of(control.takeValue());
        return Documented.plain(JavaCompletion.brief(variable.typeName()) + " " + variable.name(), "value: " + value);
    }

    /** The source of the live declarations of a name, or null when no cell declared it. */
    String declarationOf(String name) {
        return locked(() -> shell.snippets()
                .filter(snippet -> shell.status(snippet).isActive() && origins.containsKey(snippet.id()))
                .filter(snippet -> snippet instanceof DeclarationSnippet declared
                        && declared.name().equals(name))
                .map(snippet -> snippet.source().strip())
                .reduce((a, b) -> a + "\n" + b)
                .orElse(null));
    }

    /** The live variables that cells named, in the order of their declaration. */
    List<LiveSession.Variable> variables() {
        return locked(() -> shell.variables()
                .filter(variable -> shell.status(variable) == Snippet.Status.VALID)
                .filter(variable -> !variable.name().startsWith("$") && !atStart.contains(variable.id()))
                .map(variable -> {
                    shell.varValue(variable);
                    return new LiveSession.Variable(variable.name(), variable.typeName(), control.takeValue());
                })
                .toList());
    }

    /**
     * Evaluates Java for code that runs inside a cell, or for an extension.
     *
     * @param source a variable's name, which is read directly, or any Java
     * @return the last value
     */
    Object evaluateNested(String source) {
        compiling.lock();
        boolean before = interrupts.enter(false);
        try {
            VarSnippet variable = variable(source.strip());
            if (variable != null) {
                shell.varValue(variable);
                return control.takeValue();
            }
            pending.takeFor(source).forEach(this::makeImports);
            CellText text = verbatim(source);
            Outcome outcome = Outcome.NOTHING;
            for (Piece piece : groupImports(split(text))) {
                outcome = evaluate(piece, text, 0);
                if (outcome.thrown() != null) {
                    throw Evaluator.<RuntimeException>unchecked(outcome.thrown());
                }
                if (outcome.failure() != null) {
                    throw new CellFailureException(
                            isName(source.strip())
                                    ? missing(source.strip())
                                    : outcome.failure().sentence());
                }
            }
            return outcome.value();
        } finally {
            interrupts.leave(before);
            compiling.unlock();
        }
    }

    private static CellText verbatim(String source) {
        return new CellText.Builder(source).copy(0, source.length()).build();
    }

    private void makeImports(String source) {
        CellText text = verbatim(source);
        Set<String> before = snippetIds();
        for (Piece piece : groupImports(split(text))) {
            Outcome outcome = evaluate(piece, text, 0);
            if (outcome.failure() != null) {
                System.err.println(piece.source() + " can not be imported: "
                        + outcome.failure().sentence());
            }
        }
        // They belong to the session's start, and a reset keeps them.
        Set<String> kept = snippetIds();
        kept.removeAll(before);
        kept.addAll(atStart);
        atStart = kept;
    }

    private Set<String> snippetIds() {
        return shell.snippets().map(Snippet::id).collect(Collectors.toSet());
    }

    /** Makes ready for questions about any name: all imports made, and JShell's index of class names under way. */
    void expectQuestions() {
        files.wantIndex();
        locked(() -> {
            pending.takeAll().forEach(this::makeImports);
            return null;
        });
    }

    /** Compiles and runs what a small cell needs, and leaves nothing behind. */
    void warmUp() {
        files.learnPackages();
        locked(() -> {
            Set<String> before = snippetIds();
            runCell(verbatim(WARM_UP), 0);
            shell.snippets()
                    .filter(snippet -> !before.contains(snippet.id()))
                    .filter(snippet -> shell.status(snippet).isActive())
                    .toList()
                    .forEach(shell::drop);
            control.takeValue();
            return null;
        });
    }

    private String missing(String name) {
        List<String> near = Spelling.nearest(
                name,
                shell.variables()
                        .filter(variable -> shell.status(variable) == Snippet.Status.VALID)
                        .map(VarSnippet::name)
                        .toList());
        String start = "There is no variable " + name;
        return near.isEmpty()
                ? start + " in this session."
                : start + "; did you mean " + String.join(" or ", near) + "?";
    }

    /** Describes an error that JShell did not see. */
    Failure failureOf(Throwable thrown) {
        return thrown instanceof CellInterruptedError
                ? runtimeErrors.interrupted(null)
                : runtimeErrors.report(thrown, null);
    }

    /** The live variable of a name, or null. */
    VarSnippet variable(String name) {
        if (!isName(name)) {
            return null;
        }
        return shell.variables()
                .filter(variable -> variable.name().equals(name) && shell.status(variable) == Snippet.Status.VALID)
                .findFirst()
                .orElse(null);
    }

    JShell shell() {
        return shell;
    }

    SyntaxCheck syntax() {
        return syntax;
    }

    /** Uses JShell while no cell compiles. */
    <T> T locked(Supplier<T> action) {
        compiling.lock();
        try {
            return action.get();
        } finally {
            compiling.unlock();
        }
    }

    /** Tells whether a text can run as it is, and how far to indent if not. */
    CodeAssistant.Completeness completeness(CellText text) {
        if (CodeEnd.isInComment(text.java())) {
            return new CodeAssistant.Completeness("incomplete", "");
        }
        List<Piece> pieces = split(text);
        if (pieces.isEmpty()) {
            return new CodeAssistant.Completeness("complete", "");
        }
        Piece last = pieces.get(pieces.size() - 1);
        if (!last.complete()) {
            Completeness kind =
                    shell.sourceCodeAnalysis().analyzeCompletion(last.source()).completeness();
            return kind == Completeness.UNKNOWN
                    ? new CodeAssistant.Completeness("invalid", "")
                    : new CodeAssistant.Completeness("incomplete", CodeEnd.indent(text.java()));
        }
        boolean sound = pieces.stream()
                .allMatch(piece -> piece.source().startsWith("import")
                        || syntax.isBody(piece.source())
                        || syntax.isMember(piece.source())
                        || !isErroneous(piece));
        return new CodeAssistant.Completeness(sound ? "complete" : "invalid", "");
    }

    List<Piece> split(CellText text) {
        SourceCodeAnalysis analysis = shell.sourceCodeAnalysis();
        List<Piece> pieces = new ArrayList<>();
        String java = text.java();
        int start = 0;
        while (true) {
            while (start < java.length() && Character.isWhitespace(java.charAt(start))) {
                start++;
            }
            String rest = java.substring(start);
            if (CodeEnd.lastCharacter(rest) == 0) {
                return pieces;
            }
            CompletionInfo info = analysis.analyzeCompletion(rest);
            Completeness kind = info.completeness();
            if (!kind.isComplete() || info.source() == null || info.remaining().length() >= rest.length()) {
                pieces.add(new Piece(rest, start, false, false));
                return pieces;
            }
            int end = java.length() - info.remaining().length();
            String own = java.substring(start, end);
            if (!own.strip().equals(";")) {
                boolean shown = text.isBareMagic(start) || CodeEnd.lastCharacter(own) != ';';
                pieces.add(new Piece(info.source(), start, shown, true));
            }
            start = end;
        }
    }

    /**
     * Joins imports on demand into one snippet, which costs one compilation; other imports may be replaced one by one.
     *
     * @return the pieces that remain to be evaluated
     */
    private List<Piece> groupImports(List<Piece> pieces) {
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

    private Outcome evaluate(Piece piece, CellText text, int cell) {
        return evaluate(piece, text, cell, new ArrayList<>());
    }

    private Outcome evaluate(Piece piece, CellText text, int cell, List<Snippet> declared) {
        Origin origin = new Origin(cell, text, piece.start(), piece.source());
        List<SnippetEvent> events = shell.eval(piece.source());
        Outcome outcome = Outcome.NOTHING;
        for (SnippetEvent event : events) {
            if (event.causeSnippet() != null) {
                continue;
            }
            Snippet snippet = event.snippet();
            if (cell > 0) {
                origins.put(snippet.id(), origin);
            }
            outcome = outcomeOf(event, piece, origin);
            if (outcome.failure() != null) {
                return outcome;
            }
            declared.add(snippet);
        }
        return outcome;
    }

    private Outcome outcomeOf(SnippetEvent event, Piece piece, Origin origin) {
        Snippet snippet = event.snippet();
        Throwable thrown = control.takeFailure();
        Object value = control.takeValue();
        if (event.status() == Snippet.Status.REJECTED) {
            files.wantIndex();
            List<CompileErrors.Located> errors =
                    CompileErrors.locate(shell.diagnostics(snippet).toList(), origin);
            if (errors.isEmpty()) {
                errors = List.of(new CompileErrors.Located(origin.at(0), 1, "this is not complete Java"));
            }
            return Outcome.notCompiled(errors, shell);
        }
        JShellException exception = event.exception();
        if (interrupts.requested() && (thrown != null || exception != null)) {
            return Outcome.failed(runtimeErrors.interrupted(exception), new CellInterruptedError());
        }
        if (exception instanceof jdk.jshell.UnresolvedReferenceException unresolved) {
            String sentence = UnresolvedWarnings.sentence(shell, unresolved.getSnippet());
            return Outcome.failed(runtimeErrors.unresolved(sentence, unresolved), null);
        }
        if (thrown != null) {
            return Outcome.failed(runtimeErrors.report(thrown, exception), thrown);
        }
        return new Outcome(value, isShown(snippet, piece), null, null, List.of());
    }

    private static boolean isName(String text) {
        return SourceVersion.isIdentifier(text) && !SourceVersion.isKeyword(text);
    }

    private static boolean isShown(Snippet snippet, Piece piece) {
        boolean variableAlone =
                snippet instanceof ExpressionSnippet && snippet.subKind() == Snippet.SubKind.VAR_VALUE_SUBKIND;
        boolean expression = snippet instanceof ExpressionSnippet
                || snippet.subKind() == Snippet.SubKind.TEMP_VAR_EXPRESSION_SUBKIND;
        return variableAlone || expression && piece.shown();
    }

    /** Finds a piece that can not be parsed; a cell of one piece learns it when that is evaluated. */
    private Piece firstWithSyntaxError(List<Piece> pieces) {
        if (pieces.isEmpty() || !pieces.get(pieces.size() - 1).complete()) {
            return pieces.isEmpty() ? null : pieces.get(pieces.size() - 1);
        }
        if (pieces.size() == 1) {
            return null;
        }
        // Most cells are statements: one parse tells that all of them are sound.
        String all = pieces.stream().map(Piece::source).collect(Collectors.joining("\n;"));
        if (syntax.isBody(all)) {
            return null;
        }
        for (Piece piece : pieces) {
            boolean parses = piece.source().startsWith("import")
                    || syntax.isBody(piece.source())
                    || syntax.isMember(piece.source());
            if (!parses && isErroneous(piece)) {
                return piece;
            }
        }
        return null;
    }

    /** Adds the compile errors of what follows a piece that did not compile. */
    private Outcome withLaterErrors(Outcome outcome, List<Piece> pieces, CellText text, int cell) {
        List<CompileErrors.Located> errors = new ArrayList<>(outcome.errors());
        errors.addAll(new LaterErrors(shell, syntax).find(pieces, text, cell));
        return Outcome.notCompiled(errors, shell);
    }

    private boolean isErroneous(Piece piece) {
        return shell.sourceCodeAnalysis().sourceToSnippets(piece.source()).stream()
                .anyMatch(snippet -> snippet.kind() == Snippet.Kind.ERRONEOUS);
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> T unchecked(Throwable thrown) throws T {
        throw (T) thrown;
    }
}
