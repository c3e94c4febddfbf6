package pomona.kernel.notebook;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Terminal text to HTML: escapes it and turns ANSI colour sequences into spans. */
final class AnsiHtml {

    private static final Pattern SEQUENCE =
            Pattern.compile("\u001B\\[([0-9;:]*)([A-Za-z])|\u001B\\][^\u0007]*\u0007?|\u001B.");
    private static final String[] COLOURS = {"black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"};

    private final StringBuilder html = new StringBuilder();
    private boolean bold;
    private boolean dim;
    private boolean italic;
    private boolean underline;
    private String colour = "";
    private String style = "";
    private boolean open;

    private AnsiHtml() {}

    static String of(String text) {
        AnsiHtml converter = new AnsiHtml();
        Matcher sequence = SEQUENCE.matcher(text);
        int from = 0;
        while (sequence.find()) {
            converter.append(text.substring(from, sequence.start()));
            if ("m".equals(sequence.group(2))) {
                converter.select(sequence.group(1));
            }
            from = sequence.end();
        }
        converter.append(text.substring(from));
        converter.close();
        return converter.html.toString();
    }

    /** The text without its colours. */
    static String strip(String text) {
        return SEQUENCE.matcher(text).replaceAll("");
    }

    private void append(String text) {
        if (text.isEmpty()) {
            return;
        }
        if (!open) {
            String classes = ((bold ? " ansi-bold" : "")
                            + (dim ? " ansi-dim" : "")
                            + (italic ? " ansi-italic" : "")
                            + (underline ? " ansi-underline" : "")
                            + colour)
                    .strip();
            if (!classes.isEmpty() || !style.isEmpty()) {
                html.append("<span");
                html.append(classes.isEmpty() ? "" : " class=\"" + classes + "\"");
                html.append(style.isEmpty() ? "" : " style=\"" + style + "\"").append('>');
                open = true;
            }
        }
        html.append(Html.escape(text));
    }

    private void close() {
        if (open) {
            html.append("</span>");
            open = false;
        }
    }

    private void select(String parameters) {
        close();
        String[] codes = parameters.split("[;:]", -1);
        for (int i = 0; i < codes.length; i++) {
            int code = codes[i].isEmpty() ? 0 : Integer.parseInt(codes[i]);
            if (code == 38 || code == 48) {
                i += extended(codes, i, code == 38 ? "color" : "background-color");
            } else {
                apply(code);
            }
        }
    }

    private void apply(int code) {
        switch (code) {
            case 0 -> {
                bold = dim = italic = underline = false;
                colour = style = "";
            }
            case 1 -> bold = true;
            case 2 -> dim = true;
            case 3 -> italic = true;
            case 4 -> underline = true;
            case 22 -> bold = dim = false;
            case 23 -> italic = false;
            case 24 -> underline = false;
            case 39, 49 -> colour = style = "";
            default -> {
                if (code >= 30 && code <= 37) {
                    colour = " ansi-" + COLOURS[code - 30];
                } else if (code >= 90 && code <= 97) {
                    colour = " ansi-" + COLOURS[code - 90];
                } else if (code >= 40 && code <= 47) {
                    colour += " ansi-on-" + COLOURS[code - 40];
                }
            }
        }
    }

    /** Colours given by palette index or as red, green and blue; returns how many codes were used up. */
    private int extended(String[] codes, int at, String property) {
        if (at + 4 < codes.length && codes[at + 1].equals("2")) {
            style += property + ":rgb(" + codes[at + 2] + "," + codes[at + 3] + "," + codes[at + 4] + ");";
            return 4;
        }
        if (at + 2 < codes.length && codes[at + 1].equals("5")) {
            style += property + ":" + palette(Integer.parseInt(codes[at + 2])) + ";";
            return 2;
        }
        return codes.length - at;
    }

    /** The 256-colour palette of xterm: 16 named colours, a 6x6x6 cube, 24 greys. */
    private static String palette(int index) {
        if (index < 16) {
            return COLOURS[index % 8];
        }
        if (index >= 232) {
            int grey = 8 + 10 * (index - 232);
            return "rgb(" + grey + "," + grey + "," + grey + ")";
        }
        int cube = index - 16;
        return "rgb(" + level(cube / 36) + "," + level(cube / 6 % 6) + "," + level(cube % 6) + ")";
    }

    private static int level(int step) {
        return step == 0 ? 0 : 55 + 40 * step;
    }
}
