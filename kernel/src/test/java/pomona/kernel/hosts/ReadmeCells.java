package pomona.kernel.hosts;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The cells that the README of pomona-jupyter tells users to type. */
final class ReadmeCells {

    private static final Pattern CELL = Pattern.compile("```java\n(.*?)\n```", Pattern.DOTALL);

    private ReadmeCells() {}

    /** The cells under a heading, with the checkout's path where the page has a stand-in for it. */
    static List<String> under(String heading, Path checkout) throws IOException {
        String page = Files.readString(checkout.resolve("magics/jupyter/README.md"));
        int start = page.indexOf("### " + heading + "\n");
        if (start < 0) {
            throw new IllegalArgumentException("The README has no heading " + heading + ".");
        }
        String section = page.substring(start, page.indexOf("\n### ", start));
        List<String> cells = new ArrayList<>();
        for (Matcher cell = CELL.matcher(section); cell.find(); ) {
            cells.add(cell.group(1).replace("/path/to/pomona", checkout.toString()));
        }
        return cells;
    }
}
