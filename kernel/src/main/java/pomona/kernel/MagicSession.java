package pomona.kernel;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.dflib.jjava.jupyter.kernel.display.DisplayData;
import pomona.kernel.magic.Dependencies;
import pomona.kernel.magic.LiveSession;
import pomona.kernel.magic.ShellSettings;
import pomona.kernel.magic.TimedLoop;

/** A session as its magics see it. */
final class MagicSession implements LiveSession {

    private final JavaSession session;
    private final Evaluator evaluator;
    private final KnownMagics magics;
    private final String startClassPath;
    private final List<Path> added = new ArrayList<>();
    private ShellSettings shell;
    private Dependencies dependencies;

    MagicSession(JavaSession session, Evaluator evaluator, KnownMagics magics, String classPath) {
        this.session = session;
        this.evaluator = evaluator;
        this.magics = magics;
        this.startClassPath = classPath;
    }

    @Override
    public List<Variable> variables() {
        return evaluator.declarations().variables();
    }

    @Override
    public synchronized List<Path> classPath() {
        return Stream.concat(
                        Arrays.stream(startClassPath.split(File.pathSeparator))
                                .filter(entry -> !entry.isEmpty())
                                .map(entry -> Path.of(entry).toAbsolutePath().normalize()),
                        added.stream())
                .toList();
    }

    @Override
    public synchronized void addToClassPath(Path entry) {
        evaluator.locked(() -> {
            evaluator.shell().addToClasspath(entry.toString());
            return null;
        });
        added.add(entry);
    }

    @Override
    public void run(String title, String source) {
        CellText text = MagicRewriter.rewrite(source, magics, title);
        evaluator.runForMagic(text, session.runningNumber());
    }

    @Override
    public TimedLoop loop(String code, int position) {
        String cell = session.runningSource();
        int from = cell.startsWith(code, position) ? position : 0;
        String source = cell.startsWith(code, position) ? cell : code;
        int end = from + code.stripTrailing().length();
        while (end > from && source.charAt(end - 1) == ';') {
            end--;
        }
        boolean value = evaluator.isValue(source.substring(from, end));
        CellText text = new CellText.Builder(source)
                .generate(
                        "(pomona.kernel.magic.TimedLoop) (times$, sink$) -> {"
                                + " for (long i$ = 0; i$ < times$; i$++) { " + (value ? "sink$.take(" : ""),
                        from)
                .copy(from, end)
                .generate((value ? ")" : "") + "\n; } }", end)
                .build();
        return (TimedLoop) evaluator.runForMagic(text, session.runningNumber());
    }

    @Override
    public int bodyPosition(String body) {
        return Math.max(0, session.runningSource().length() - body.length());
    }

    @Override
    public void reset() {
        evaluator.declarations().reset();
    }

    @Override
    public List<String> magics() {
        return Stream.concat(
                        magics.startingWith("", true).stream().map(name -> "%" + name),
                        magics.startingWith("", false).stream().map(name -> "%%" + name))
                .collect(Collectors.toList());
    }

    @Override
    public String summary(String magic) {
        return magics.summary(magic.replace("%", ""), !magic.startsWith("%%"));
    }

    @Override
    public void display(DisplayData data) {
        session.display(data);
    }

    @Override
    public synchronized ShellSettings shell() {
        if (shell == null) {
            shell = new ShellSettings();
        }
        return shell;
    }

    @Override
    public synchronized Dependencies dependencies() {
        if (dependencies == null) {
            dependencies = new Dependencies();
        }
        return dependencies;
    }
}
