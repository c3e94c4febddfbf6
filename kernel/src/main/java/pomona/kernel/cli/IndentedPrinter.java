package pomona.kernel.cli;

import java.util.List;

/** Prints a cell's output indented, and keeps one line that can be rewritten when the output is a window. */
final class IndentedPrinter {

    private static final String REWRITE = "\r\u001B[K";

    private final Terminal terminal;
    private final StringBuilder held = new StringBuilder();
    private String indent = "";
    private boolean lineOpen;
    private String liveId;
    private String liveText = "";

    IndentedPrinter(Terminal terminal) {
        this.terminal = terminal;
    }

    void begin(int columns) {
        indent = " ".repeat(columns);
    }

    /** Stream text: shown at once in a window, by whole lines elsewhere. */
    void stream(String text) {
        if (liveId != null) {
            closeLine();
        }
        for (String piece : text.split("(?<=\n)")) {
            if (terminal.live()) {
                show(piece);
            } else {
                held.append(piece);
                if (piece.endsWith("\n")) {
                    printHeld();
                }
            }
        }
        terminal.out().flush();
    }

    private void show(String piece) {
        boolean ends = piece.endsWith("\n");
        String line = ends ? piece.substring(0, piece.length() - 1) : piece;
        if (line.endsWith("\r")) {
            line = line.substring(0, line.length() - 1);
        }
        if (!line.isEmpty()) {
            terminal.out().print((lineOpen ? "" : indent) + line.replace("\r", REWRITE + indent));
            lineOpen = true;
        }
        if (ends) {
            terminal.out().println();
            lineOpen = false;
        }
    }

    /** A held line as a terminal would leave it: what was overwritten is gone. */
    private void printHeld() {
        String line = held.toString().stripTrailing();
        held.setLength(0);
        line = line.substring(line.lastIndexOf('\r') + 1);
        terminal.out().println(line.isEmpty() ? "" : indent + line);
    }

    void block(List<String> lines) {
        closeLine();
        for (String line : terminal.live() ? new WindowText(room()).of(lines) : lines) {
            String shown = terminal.colours() ? line : line.replaceAll("\u001B\\[[0-9;:]*m", "");
            terminal.out().println(shown.isEmpty() ? "" : indent + shown);
        }
        terminal.out().flush();
    }

    void liveLine(String id, String text) {
        closeLine();
        terminal.out().print(indent + clip(text));
        terminal.out().flush();
        lineOpen = true;
        liveId = id;
        liveText = text;
    }

    void updateLiveLine(String id, String text) {
        if (id.equals(liveId)) {
            terminal.out().print(REWRITE + indent + clip(text));
            terminal.out().flush();
            liveText = text;
        }
    }

    private String clip(String text) {
        int room = room();
        return text.length() > room ? text.substring(0, room - 1) + "…" : text;
    }

    private int room() {
        return Math.max(10, terminal.columns() - indent.length() - 1);
    }

    void end() {
        closeLine();
    }

    private void closeLine() {
        if (!held.isEmpty()) {
            printHeld();
        }
        if (lineOpen) {
            showWhole();
            terminal.out().println();
        }
        lineOpen = false;
        liveId = null;
    }

    /** A line that could be rewritten was cut to be one; now that it stays, it is shown to its end. */
    private void showWhole() {
        if (liveId != null && liveText.length() > room()) {
            List<String> lines = new WindowText(room()).of(List.of(liveText));
            terminal.out().print(REWRITE + indent + String.join(System.lineSeparator() + indent, lines));
        }
    }
}
