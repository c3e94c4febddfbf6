package pomona.jupyter.render;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** Pieces of HTML that every view uses: escaping, the common style, and the frame around an output. */
public final class Html {

    /** The space between a number and its unit. */
    private static final Pattern NUMBER_AND_UNIT =
            Pattern.compile("(?<=\\d) (?=%|(?:KB|MB|GB|dB|\u00b5s|us|ms|s|bits?|bytes|records?)(?![\\w/]))");

    private static final String STYLE = resource("pomona.css");

    private Html() {}

    /** The text with everything escaped that means something in HTML, attributes included. */
    public static String escape(String text) {
        StringBuilder out = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append("&quot;");
                case '\'' -> out.append("&#39;");
                default -> out.append(c);
            }
        }
        return out.toString();
    }

    /** The text of a sentence, escaped, in which a number and its unit stay on one line. */
    static String sentence(String text) {
        return escape(NUMBER_AND_UNIT.matcher(text).replaceAll("\u00a0"));
    }

    /** Puts content into the frame that the style is scoped to. */
    public static String frame(String content) {
        return "<div class=\"pomona\"><style>" + STYLE + "</style>" + content + "</div>";
    }

    /** A file that lies beside this class, as text. */
    static String resource(String name) {
        return new String(resourceBytes(name), StandardCharsets.UTF_8);
    }

    static byte[] resourceBytes(String name) {
        try (InputStream in = Html.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("The resource " + name + " is missing from the Pomona jar.");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
