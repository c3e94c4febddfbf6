package pomona.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import jdk.jshell.ExpressionSnippet;
import jdk.jshell.JShell;
import jdk.jshell.JShellException;
import jdk.jshell.Snippet;
import jdk.jshell.SnippetEvent;
import jdk.jshell.VarSnippet;

/** Runs Java text through JShell, snippet by snippet, and knows which cell each snippet came from. */
final class Evaluator {

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
    private final CellPieces cellPieces;
    private final LostValues lostValues = new LostValues();
    private final ExpressionValues expressionValues;
    private final Declarations declarations;
    private final StarImports starImports;
    private final PendingImports pending;
    private final ClassPathFiles files;

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
        this.cellPieces = new CellPieces(shell, syntax);
        this.pending = pending;
        this.files = files;
        this.shell = shell;
        this.control = control;
        this.compiling = compiling;
        this.interrupts = interrupts;
        this.expressionValues = new ExpressionValues(shell, control);
        this.runtimeErrors = new RuntimeErrors(origins::get, magics);
        this.declarations = new Declarations(shell, control, origins::containsKey, compiling);
        this.starImports = new StarImports(shell);
    }

    /** Runs a cell until its end or its first failure; warns of declarations that still miss something. */
    Outcome runCell(CellText text, int cell) {
        compiling.lock();
        lostValues.begin();
        try {
            pending.takeFor(text.java()).forEach(this::makeImports);
            List<Piece> pieces = cellPieces.split(text);
            Piece wrong = cellPieces.firstWithSyntaxError(pieces);
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
            lostValues.end();
            expressionValues.dropOld();
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
            VarSnippet variable = declarations.variable(source.strip());
            if (variable != null) {
                shell.varValue(variable);
                return control.takeValue();
            }
            pending.takeFor(source).forEach(this::makeImports);
            CellText text = verbatim(source);
            Outcome outcome = Outcome.NOTHING;
            for (Piece piece : starImports.group(cellPieces.split(text))) {
                outcome = evaluate(piece, text, 0);
                if (outcome.thrown() != null) {
                    throw Evaluator.<RuntimeException>unchecked(outcome.thrown());
                }
                if (outcome.failure() != null) {
                    throw new CellFailureException(
                            Declarations.isName(source.strip())
                                    ? declarations.missing(source.strip())
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
        Set<String> before = declarations.snippetIds();
        for (Piece piece : starImports.group(cellPieces.split(text))) {
            Outcome outcome = evaluate(piece, text, 0);
            if (outcome.failure() != null) {
                System.err.println(piece.source() + " can not be imported: "
                        + outcome.failure().sentence());
            }
        }
        declarations.keepSince(before);
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
            Set<String> before = declarations.snippetIds();
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

    /** Describes an error that JShell did not see. */
    Failure failureOf(Throwable thrown) {
        return thrown instanceof CellInterruptedError
                ? runtimeErrors.interrupted(null)
                : runtimeErrors.report(thrown, null);
    }

    /** What cells have declared. */
    Declarations declarations() {
        return declarations;
    }

    JShell shell() {
        return shell;
    }

    CellPieces pieces() {
        return cellPieces;
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

    private Outcome evaluate(Piece piece, CellText text, int cell) {
        return evaluate(piece, text, cell, new ArrayList<>());
    }

    private Outcome evaluate(Piece piece, CellText text, int cell, List<Snippet> declared) {
        Origin origin = new Origin(cell, text, piece.start(), piece.source());
        ReplacedVariables replaced = new ReplacedVariables(piece, shell, control);
        control.takeFailure();
        List<SnippetEvent> events = shell.eval(piece.source());
        lostValues.note(events);
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
                replaced.restore(events, lostValues);
                return outcome;
            }
            declared.add(snippet);
            expressionValues.add(snippet);
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

    private static boolean isShown(Snippet snippet, Piece piece) {
        boolean variableAlone =
                snippet instanceof ExpressionSnippet && snippet.subKind() == Snippet.SubKind.VAR_VALUE_SUBKIND;
        boolean expression = snippet instanceof ExpressionSnippet
                || snippet.subKind() == Snippet.SubKind.TEMP_VAR_EXPRESSION_SUBKIND;
        return variableAlone || expression && piece.shown();
    }

    /** Adds the compile errors of what follows a piece that did not compile. */
    private Outcome withLaterErrors(Outcome outcome, List<Piece> pieces, CellText text, int cell) {
        List<CompileErrors.Located> errors = new ArrayList<>(outcome.errors());
        errors.addAll(new LaterErrors(shell, syntax).find(pieces, text, cell));
        return Outcome.notCompiled(errors, shell);
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> T unchecked(Throwable thrown) throws T {
        throw (T) thrown;
    }
}
