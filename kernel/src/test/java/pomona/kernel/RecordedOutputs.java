package pomona.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

/** Keeps what a cell puts out, in order. */
public final class RecordedOutputs implements CellOutputs {

    /** One output: its kind, a name (stream, display id, error class) and its content. */
    public record Output(String kind, String name, String text, Map<String, Object> bundle) {}

    public final List<Output> all = new CopyOnWriteArrayList<>();
    public volatile List<String> traceback = List.of();

    /** Runs a cell to its end. */
    static RecordedOutputs run(CellSession session, String source) {
        RecordedOutputs outputs = new RecordedOutputs();
        session.execute(source, outputs);
        return outputs;
    }

    /** Runs a cell that must end without an error. */
    static RecordedOutputs ok(CellSession session, String source) {
        RecordedOutputs outputs = run(session, source);
        assertThat(outputs.error()).as(outputs.tracebackText()).isNull();
        return outputs;
    }

    @Override
    public void stream(String name, String text) {
        all.add(new Output("stream", name, text, Map.of()));
    }

    @Override
    public void display(Map<String, Object> bundle, Map<String, Object> metadata, String displayId) {
        all.add(new Output("display", displayId, String.valueOf(bundle.get("text/plain")), bundle));
    }

    @Override
    public void updateDisplay(Map<String, Object> bundle, Map<String, Object> metadata, String displayId) {
        all.add(new Output("update", displayId, String.valueOf(bundle.get("text/plain")), bundle));
    }

    @Override
    public void result(int executionCount, Map<String, Object> bundle, Map<String, Object> metadata) {
        all.add(new Output("result", "", String.valueOf(bundle.get("text/plain")), bundle));
    }

    @Override
    public void error(String ename, String evalue, List<String> lines) {
        all.add(new Output("error", ename, evalue, Map.of()));
        traceback = lines.stream()
                .map(line -> line.replaceAll("\u001b\\[[\\d;]*m", ""))
                .toList();
    }

    @Override
    public void clear(boolean wait) {
        all.add(new Output("clear", "", String.valueOf(wait), Map.of()));
    }

    /** All text of a stream. */
    public String stream(String name) {
        return all.stream()
                .filter(output ->
                        output.kind().equals("stream") && output.name().equals(name))
                .map(Output::text)
                .collect(Collectors.joining());
    }

    /** The text of the result, or null. */
    public String result() {
        return textOf("result");
    }

    /** The error as name and message, or null. */
    public String error() {
        return all.stream()
                .filter(output -> output.kind().equals("error"))
                .map(output -> output.name() + ": " + output.text())
                .findFirst()
                .orElse(null);
    }

    /** The traceback without colours. */
    public String tracebackText() {
        return String.join("\n", traceback);
    }

    private String textOf(String kind) {
        return all.stream()
                .filter(output -> output.kind().equals(kind))
                .map(Output::text)
                .findFirst()
                .orElse(null);
    }
}
