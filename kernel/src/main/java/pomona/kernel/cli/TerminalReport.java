package pomona.kernel.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import pomona.kernel.CellOutputs;
import pomona.kernel.CellResult.Status;
import pomona.kernel.notebook.Cell;
import pomona.kernel.notebook.RunListener;
import pomona.kernel.notebook.RunOutcome;

/**
 * Shows a run in the terminal: a line per cell with its time, its output indented beneath. In a window the running
 * cell's seconds and progress displays are rewritten in place; elsewhere only their last state is printed.
 */
final class TerminalReport implements RunListener, CellOutputs {

    private static final int MOST_LINES = 120;
    private static final String HTML = "text/html";

    private final Terminal terminal;
    private final IndentedPrinter printer;
    /** What is printed when its last state is known, in its order. */
    private final Map<String, String> pendingDisplays = new LinkedHashMap<>();

    /** What a window shows of displays of several lines, which can not be rewritten. */
    private final Map<String, String> blocks = new HashMap<>();

    private Ticker ticker;
    private String header = "";
    private String place = "";
    private boolean headerOpen;
    private boolean mayFail;
    private String lastTable;
    private boolean lastTableIsOld;

    TerminalReport(Terminal terminal) {
        this.terminal = terminal;
        this.printer = new IndentedPrinter(terminal);
    }

    @Override
    public synchronized CellOutputs started(int number, int total, Cell cell) {
        int digits = Integer.toString(total).length();
        place = String.format("%" + digits + "d/%d", number, total);
        String line = cell.headline();
        int room = terminal.live() ? terminal.columns() - place.length() - 16 : 100;
        header = line.length() > room ? line.substring(0, Math.max(1, room - 1)) + "…" : line;
        lastTableIsOld = true;
        mayFail = cell.mayFail();
        printer.begin(place.length() + 4);
        openHeader("");
        if (terminal.live()) {
            ticker = new Ticker(this::tick);
        }
        return this;
    }

    private void openHeader(String time) {
        headerOpen = true;
        String mark = terminal.live() ? terminal.dim("▸") : " ";
        terminal.out()
                .print((terminal.live() ? "\r\u001B[K" : "") + mark + " " + terminal.bold(place) + "  " + header
                        + (time.isEmpty() ? "" : "  " + terminal.dim(time)));
        terminal.out().flush();
    }

    private synchronized void tick(Duration time) {
        if (headerOpen) {
            openHeader(seconds(time));
        }
    }

    private void closeHeader() {
        if (headerOpen) {
            if (terminal.live()) {
                openHeader("");
            }
            headerOpen = false;
            terminal.out().println();
        }
    }

    @Override
    public synchronized void ended(Status status, Duration time) {
        if (ticker != null) {
            ticker.stop();
            ticker = null;
        }
        printPending();
        printer.end();
        boolean allowed = status == Status.ERROR && mayFail;
        String mark = status == Status.OK || allowed ? terminal.green("✓") : terminal.red("✗");
        String end = allowed
                ? "failed, as allowed, after "
                : status == Status.OK ? "" : status == Status.ERROR ? "failed after " : "interrupted after ";
        if (headerOpen && terminal.live()) {
            headerOpen = false;
            terminal.out()
                    .println("\r\u001B[K" + mark + " " + terminal.bold(place) + "  " + header + "  "
                            + terminal.dim((allowed ? end : "") + seconds(time)));
        } else if (headerOpen) {
            headerOpen = false;
            terminal.out().println("  " + mark + " " + (allowed ? end : "") + seconds(time));
        } else {
            terminal.out().println(mark + " " + terminal.bold(place) + "  " + terminal.dim(end + seconds(time)));
        }
    }

    @Override
    public synchronized void stream(String name, String text) {
        closeHeader();
        printer.stream(text);
    }

    @Override
    public synchronized void display(Map<String, Object> bundle, Map<String, Object> metadata, String displayId) {
        String text = noteTable(bundle);
        if (displayId == null) {
            printBlock(text);
        } else if (!terminal.live()) {
            pendingDisplays.put(displayId, text);
        } else if (text.contains("\n")) {
            printBlock(text);
            blocks.put(displayId, text);
        } else {
            closeHeader();
            printer.liveLine(displayId, text);
        }
    }

    @Override
    public synchronized void updateDisplay(Map<String, Object> bundle, Map<String, Object> metadata, String displayId) {
        String text = text(bundle);
        if (pendingDisplays.containsKey(displayId) || !text.equals(blocks.getOrDefault(displayId, text))) {
            pendingDisplays.put(displayId, noteTable(bundle));
        } else if (terminal.live() && !text.contains("\n")) {
            printer.updateLiveLine(displayId, text);
        }
    }

    @Override
    public synchronized void result(int executionCount, Map<String, Object> bundle, Map<String, Object> metadata) {
        // The result comes when the cell has ended: what was displayed before it will not change any more.
        printPending();
        printBlock(noteTable(bundle));
    }

    @Override
    public synchronized void error(String ename, String evalue, List<String> traceback) {
        printBlock(traceback.isEmpty() ? ename + ": " + evalue : String.join("\n", traceback));
    }

    @Override
    public synchronized void clear(boolean wait) {
        // What the terminal has shown stays; only the notebook forgets it.
    }

    private void printPending() {
        pendingDisplays.values().forEach(this::printBlock);
        pendingDisplays.clear();
        blocks.clear();
    }

    private void printBlock(String text) {
        closeHeader();
        List<String> lines = new ArrayList<>(text.stripTrailing().lines().toList());
        int more = lines.size() - MOST_LINES;
        if (more > 0) {
            lines.subList(MOST_LINES, lines.size()).clear();
        }
        printer.block(lines);
        if (more > 0) {
            printer.block(List.of("… and " + more + " lines more, in the files"));
        }
    }

    private String noteTable(Map<String, Object> bundle) {
        String text = text(bundle);
        Object html = bundle.get(HTML);
        if (html != null && text.contains("\n") && html.toString().contains("<table")) {
            lastTable = text;
            lastTableIsOld = false;
        }
        return text;
    }

    private static String text(Map<String, Object> bundle) {
        Object plain = bundle.get("text/plain");
        return plain != null ? plain.toString().stripTrailing() : "(" + String.join(", ", bundle.keySet()) + ")";
    }

    /** The end of the run: the last table once more if it has scrolled away, the result in one line, and the files. */
    synchronized void summary(String notebook, RunOutcome outcome, List<String> files) {
        terminal.out().println();
        if (outcome.succeeded() && lastTable != null && lastTableIsOld) {
            printer.begin(0);
            printer.block(lastTable.lines().toList());
            terminal.out().println();
        }
        String time = seconds(outcome.time());
        String cells = outcome.cellsRun() + (outcome.cellsRun() == 1 ? " cell" : " cells");
        terminal.out()
                .println(
                        outcome.succeeded()
                                ? terminal.green("✓") + " " + notebook + ": " + cells + " in " + time
                                : terminal.red("✗") + " " + notebook + ": " + problem(outcome));
        if (outcome.hanging()) {
            terminal.out().println("  The cell ignored its interrupt and was abandoned.");
        }
        files.forEach(file -> terminal.out().println("  " + file));
        terminal.out().flush();
    }

    /** Why a run stopped early, in a phrase; empty when it did not. */
    static String problem(RunOutcome outcome) {
        String error = outcome.error() == null ? "" : ": " + outcome.error();
        return switch (outcome.ending()) {
            case FINISHED -> "";
            case FAILED -> "cell " + outcome.cellsRun() + " failed" + error;
            case TIMED_OUT -> "cell " + outcome.cellsRun() + " was stopped" + error;
            case STOPPED -> "stopped at cell " + outcome.cellsRun();
        };
    }

    static String seconds(Duration time) {
        double seconds = time.toMillis() / 1000.0;
        if (seconds < 60) {
            return String.format(Locale.ROOT, "%.1f s", seconds);
        }
        long whole = Math.round(seconds);
        return whole / 60 + " min " + whole % 60 + " s";
    }
}
