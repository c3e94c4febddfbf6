package pomona.kernel.notebook;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/**
 * Executed notebooks as JUnit's XML, which CI servers read: a suite for each notebook, a test case for each code cell.
 *
 * <p>Format: what Ant's junitreport task began, in the elements that Maven Surefire writes and Jenkins reads.
 */
public final class JunitReport {

    private static final int LONGEST_NAME = 120;

    private record Suite(String name, List<Case> cases) {
        long count(String outcome) {
            return cases.stream().filter(test -> test.outcome.equals(outcome)).count();
        }

        double seconds() {
            return cases.stream().mapToDouble(Case::seconds).sum();
        }
    }

    /** The outcome is the name of its element, or empty when the cell passed. */
    private record Case(
            String name,
            double seconds,
            String outcome,
            String type,
            String message,
            String text,
            String out,
            String err) {}

    private final List<Suite> suites = new ArrayList<>();

    /**
     * Adds an executed notebook.
     *
     * @param name the notebook's path as the user knows it
     */
    public void add(String name, Notebook executed) {
        List<Case> cases = new ArrayList<>();
        int number = 0;
        for (Cell cell : executed.cells()) {
            if (cell.isCode() && !cell.source().isBlank()) {
                cases.add(caseOf(++number, cell));
            }
        }
        suites.add(new Suite(name, cases));
    }

    /** Adds a notebook whose process ended without leaving a result. */
    public void addLost(String name, String reason) {
        suites.add(new Suite(name, List.of(new Case("the run", 0, "error", "Lost", reason, reason, "", ""))));
    }

    private static Case caseOf(int number, Cell cell) {
        String name = number + ": " + shortened(cell.firstLine());
        double seconds = Math.max(0, cell.seconds());
        if (cell.executionCount() == null && cell.seconds() < 0) {
            boolean told = cell.tags().contains(NotebookRunner.SKIP);
            String reason = told ? "tagged " + NotebookRunner.SKIP : "not reached";
            return new Case(name, 0, "skipped", "", reason, "", "", "");
        }
        Texts texts = new Texts();
        cell.outputs().forEach(texts::take);
        JsonObject error = cell.mayFail() ? null : texts.error;
        if (error == null) {
            return new Case(name, seconds, "", "", "", "", texts.out.toString(), texts.err.toString());
        }
        StringBuilder traceback = new StringBuilder();
        error.getAsJsonArray("traceback")
                .forEach(line -> traceback.append(line.getAsString()).append('\n'));
        return new Case(
                name,
                seconds,
                "failure",
                error.get("ename").getAsString(),
                error.get("evalue").getAsString(),
                AnsiHtml.strip(traceback.toString()),
                texts.out.toString(),
                texts.err.toString());
    }

    private static String shortened(String line) {
        return line.length() > LONGEST_NAME ? line.substring(0, LONGEST_NAME - 1) + "…" : line;
    }

    /** What a cell printed and showed, as text, and its last error. */
    private static final class Texts {
        private final StringBuilder out = new StringBuilder();
        private final StringBuilder err = new StringBuilder();
        private JsonObject error;

        void take(JsonElement element) {
            JsonObject output = element.getAsJsonObject();
            switch (output.get("output_type").getAsString()) {
                case "stream" -> {
                    boolean toErr = "stderr".equals(output.get("name").getAsString());
                    (toErr ? err : out).append(AnsiHtml.strip(MultilineText.join(output.get("text"))));
                }
                case "error" -> error = output;
                default -> {
                    if (output.get("data") instanceof JsonObject data && data.has("text/plain")) {
                        out.append(AnsiHtml.strip(MultilineText.join(data.get("text/plain"))))
                                .append('\n');
                    }
                }
            }
        }
    }

    /** Writes the report under a temporary name and moves it to its place. */
    public void write(Path file) throws IOException {
        AtomicFile.write(file, writer -> {
            try {
                XMLStreamWriter xml = XMLOutputFactory.newFactory().createXMLStreamWriter(writer);
                xml.writeStartDocument("UTF-8", "1.0");
                start(xml, "testsuites", 0);
                for (Suite suite : suites) {
                    write(suite, xml);
                }
                end(xml, 0);
                xml.writeEndDocument();
                xml.writeCharacters("\n");
                xml.flush();
            } catch (XMLStreamException e) {
                throw new IOException(e.getMessage(), e);
            }
        });
    }

    private static void write(Suite suite, XMLStreamWriter xml) throws XMLStreamException {
        start(xml, "testsuite", 1);
        xml.writeAttribute("name", legal(suite.name));
        xml.writeAttribute("time", seconds(suite.seconds()));
        xml.writeAttribute("tests", Integer.toString(suite.cases.size()));
        xml.writeAttribute("errors", Long.toString(suite.count("error")));
        xml.writeAttribute("skipped", Long.toString(suite.count("skipped")));
        xml.writeAttribute("failures", Long.toString(suite.count("failure")));
        for (Case test : suite.cases) {
            write(test, className(suite.name), xml);
        }
        end(xml, 1);
    }

    /** CI servers sort cases by classes and those by packages: a folder is a package. */
    private static String className(String notebook) {
        return notebook.replaceFirst("\\.ipynb$", "")
                .replaceFirst("^[./\\\\]+", "")
                .replace('.', '_')
                .replaceAll("[/\\\\]+", ".");
    }

    private static void write(Case test, String className, XMLStreamWriter xml) throws XMLStreamException {
        start(xml, "testcase", 2);
        xml.writeAttribute("name", legal(test.name));
        xml.writeAttribute("classname", legal(className));
        xml.writeAttribute("time", seconds(test.seconds));
        if (!test.outcome.isEmpty()) {
            start(xml, test.outcome, 3);
            xml.writeAttribute("message", legal(test.message));
            if (!test.type.isEmpty()) {
                xml.writeAttribute("type", legal(test.type));
            }
            xml.writeCharacters(legal(test.text));
            xml.writeEndElement();
        }
        writeText("system-out", test.out, xml);
        writeText("system-err", test.err, xml);
        end(xml, 2);
    }

    private static void writeText(String element, String text, XMLStreamWriter xml) throws XMLStreamException {
        if (!text.isEmpty()) {
            start(xml, element, 3);
            xml.writeCharacters(legal(text));
            xml.writeEndElement();
        }
    }

    private static void start(XMLStreamWriter xml, String element, int depth) throws XMLStreamException {
        xml.writeCharacters("\n" + "  ".repeat(depth));
        xml.writeStartElement(element);
    }

    private static void end(XMLStreamWriter xml, int depth) throws XMLStreamException {
        xml.writeCharacters("\n" + "  ".repeat(depth));
        xml.writeEndElement();
    }

    private static String seconds(double seconds) {
        return String.format(Locale.ROOT, "%.3f", seconds);
    }

    /** XML 1.0 has no control characters but three, and no lone surrogates. */
    private static String legal(String text) {
        return text.codePoints()
                .map(c -> c >= 0x20 && c < 0xD800
                                || c >= 0xE000 && c != 0xFFFE && c != 0xFFFF
                                || c == 9
                                || c == 10
                                || c == 13
                        ? c
                        : 0xFFFD)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
