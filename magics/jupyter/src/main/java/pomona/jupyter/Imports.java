package pomona.jupyter;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import pomona.graph.Network;

/** The imports that every session begins with; core keeps the list, since {@code pomona jshell} makes them too. */
final class Imports {

    private static final String RESOURCE = "/pomona/imports.jsh";

    private Imports() {}

    /** The import declarations, one a line; empty when there is no list. */
    static String read() {
        try (InputStream in = Network.class.getResourceAsStream(RESOURCE)) {
            return in == null
                    ? ""
                    : declarations(new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String declarations(BufferedReader lines) {
        return lines.lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("//") && !line.startsWith("#"))
                .collect(Collectors.joining("\n"));
    }
}
