package pomona.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import jdk.jshell.JShellException;
import org.dflib.jjava.jupyter.kernel.BaseNotebookStatics;
import org.dflib.jjava.jupyter.kernel.magic.UndefinedMagicException;
import pomona.kernel.magic.MagicException;

/** Tells what a cell threw: the exception's own class, the user's frames only, and the causes. */
final class RuntimeErrors {

    private static final int MAX_FRAMES = 12;
    private static final Set<String> MAGIC_CALLS = Set.of("lineMagic", "cellMagic");

    private final Function<String, Origin> origins;
    private final KnownMagics magics;

    /**
     * Makes a reporter.
     *
     * @param origins finds a snippet's origin by its id, or null
     * @param magics knows the names to offer for an unknown magic
     */
    RuntimeErrors(Function<String, Origin> origins, KnownMagics magics) {
        this.origins = origins;
        this.magics = magics;
    }

    /**
     * Describes an error.
     *
     * @param thrown the very throwable
     * @param translated JShell's copy of it, with the snippets' lines in its stack traces; null when there is none
     */
    Failure report(Throwable thrown, JShellException translated) {
        Throwable error = thrown;
        JShellException frames = translated;
        boolean fromMagic = isMagicWrapper(error);
        if (fromMagic) {
            error = error.getCause();
            frames = causeOf(frames);
        }
        if (error instanceof CarriedFailureException carried) {
            List<String> lines = new ArrayList<>(carried.failure().traceback());
            addFrames(lines, frames);
            return new Failure(carried.failure().ename(), carried.failure().evalue(), lines);
        }
        if (fromMagic && isUserMistake(error) || error instanceof UndefinedMagicException) {
            return mistake(error, frames);
        }
        List<String> lines = new ArrayList<>();
        lines.add(headline(error));
        addFrames(lines, frames);
        addCauses(lines, error, frames);
        return new Failure(shortName(error.getClass()), message(error), lines);
    }

    /** Describes an interrupt: no error of the user's, so only where it was. */
    Failure interrupted(JShellException translated) {
        List<String> lines = new ArrayList<>();
        lines.add(Ansi.error("Interrupted"));
        addFrames(lines, translated);
        return new Failure("Interrupted", "The cell was interrupted.", lines);
    }

    /** Describes the use of a declaration that misses something. */
    Failure unresolved(String sentence, JShellException translated) {
        List<String> lines = new ArrayList<>();
        addFrames(lines, translated);
        lines.add(Ansi.error(sentence));
        return new Failure("UnresolvedReference", sentence, lines);
    }

    private Failure mistake(Throwable error, JShellException frames) {
        String sentence = error instanceof UndefinedMagicException unknown
                ? magics.unknown(unknown.getMagicName(), unknown.isLineMagic())
                : message(error);
        List<String> lines = new ArrayList<>();
        addFrames(lines, frames);
        lines.add(Ansi.error(sentence));
        return new Failure(shortName(error.getClass()), sentence, lines);
    }

    /** Whether a throwable is the wrapper that jjava puts around what a magic threw. */
    static boolean isMagicWrapper(Throwable error) {
        StackTraceElement[] stack = error.getStackTrace();
        return error.getClass() == RuntimeException.class
                && error.getCause() != null
                && stack.length > 0
                && stack[0].getClassName().equals(BaseNotebookStatics.class.getName())
                && MAGIC_CALLS.contains(stack[0].getMethodName());
    }

    /** Whether a magic threw it to tell the user what is wrong with the arguments or the files. */
    private static boolean isUserMistake(Throwable error) {
        for (Class<?> type = error.getClass(); type != null; type = type.getSuperclass()) {
            if (type == IllegalArgumentException.class
                    || type == UnsupportedOperationException.class
                    || type == CellFailureException.class
                    || type == MagicException.class
                    || type.getName().equals("picocli.CommandLine$ParameterException")) {
                return error.getMessage() != null;
            }
        }
        return false;
    }

    private void addCauses(List<String> lines, Throwable error, JShellException frames) {
        Throwable cause = error.getCause();
        JShellException causeFrames = causeOf(frames);
        for (int depth = 0; cause != null && depth < 10; depth++) {
            lines.add("Caused by: " + headline(cause));
            addFrames(lines, causeFrames);
            cause = cause.getCause();
            causeFrames = causeOf(causeFrames);
        }
    }

    private void addFrames(List<String> lines, JShellException frames) {
        if (frames == null) {
            return;
        }
        Origin.Place before = null;
        int repeats = 0;
        int shown = 0;
        for (StackTraceElement frame : frames.getStackTrace()) {
            String file = frame.getFileName();
            Origin origin = file != null && file.startsWith("#") ? origins.apply(file.substring(1)) : null;
            if (origin == null) {
                continue;
            }
            Origin.Place place = origin.atLine(frame.getLineNumber());
            String method = frame.getMethodName();
            boolean named = !method.isEmpty() && !method.startsWith("do_it$") && !method.startsWith("lambda$");
            if (place.equals(before)) {
                repeats += named ? 1 : 0;
                continue;
            }
            if (shown++ == MAX_FRAMES) {
                lines.add("... more of the same call chain");
                return;
            }
            addRepeats(lines, repeats);
            repeats = 0;
            before = place;
            lines.add(place.headline() + (named ? ", in " + method : ""));
            lines.add(Ansi.error("> " + place.line() + " |") + " " + place.lineText());
        }
        addRepeats(lines, repeats);
    }

    private static void addRepeats(List<String> lines, int repeats) {
        if (repeats > 0) {
            lines.add("... and " + repeats + (repeats == 1 ? " more call" : " more calls") + " from the same line");
        }
    }

    private static JShellException causeOf(JShellException exception) {
        return exception != null && exception.getCause() instanceof JShellException cause ? cause : null;
    }

    private static String headline(Throwable error) {
        String message = message(error);
        String name = error.getClass()
                .getName()
                .replaceAll("^REPL\\.\\$JShell\\$\\w+\\$", "")
                .replace('$', '.');
        name = name.startsWith("java.lang.") ? name.substring("java.lang.".length()) : name;
        return Ansi.error(name) + (message.isEmpty() ? "" : ": " + message);
    }

    private static String shortName(Class<?> type) {
        return type.getSimpleName().isEmpty() ? type.getName() : type.getSimpleName();
    }

    private static String message(Throwable error) {
        return error.getLocalizedMessage() == null ? "" : error.getLocalizedMessage();
    }
}
