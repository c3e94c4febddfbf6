package pomona.kernel.cli;

import java.util.LinkedHashMap;
import java.util.Map;

/** What is printed around the notebooks when several run: a heading for each, and a table at the end. */
final class RunSummary {

    /** The result of a notebook that Ctrl-C came before. */
    static final NotebookResult NOT_REACHED = NotebookResult.lost("not reached");

    private final Map<String, NotebookResult> results = new LinkedHashMap<>();

    void add(String notebook, NotebookResult result) {
        results.put(notebook, result);
    }

    static void printHeading(String notebook, Terminal terminal) {
        terminal.out().println();
        terminal.out().println(terminal.bold(notebook));
        terminal.out().flush();
    }

    void print(Terminal terminal) {
        int names = Math.max("notebook".length(), longest());
        terminal.out().println();
        terminal.out().println("  " + pad("notebook", names) + "   cells          time  result");
        results.forEach((notebook, result) -> {
            String mark = result.passed() ? terminal.green("✓") : terminal.red("✗");
            String cells = result.cells() == 0 ? "-" : result.ran() + "/" + result.cells();
            String time = result.cells() == 0 ? "-" : TerminalReport.seconds(result.time());
            terminal.out()
                    .println(mark + " " + pad(notebook, names) + String.format("  %6s  %12s  ", cells, time)
                            + (result.passed() ? "passed" : result.problem()));
        });
        terminal.out().println();
        terminal.out().println(verdict(terminal));
        terminal.out().flush();
    }

    private String verdict(Terminal terminal) {
        long unreached = results.values().stream().filter(NOT_REACHED::equals).count();
        long failed = results.values().stream()
                .filter(result -> !result.passed() && !NOT_REACHED.equals(result))
                .count();
        if (failed + unreached == 0) {
            return terminal.green("All " + results.size() + " notebooks passed.");
        }
        String rest =
                unreached == 0 ? "" : unreached == 1 ? ", 1 was not reached" : ", " + unreached + " were not reached";
        return terminal.red(failed + " of " + results.size() + " notebooks failed" + rest + ".");
    }

    private int longest() {
        return results.keySet().stream().mapToInt(String::length).max().orElse(0);
    }

    private static String pad(String text, int width) {
        return text + " ".repeat(width - text.length());
    }
}
