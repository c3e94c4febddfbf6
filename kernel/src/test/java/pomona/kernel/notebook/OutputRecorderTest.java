package pomona.kernel.notebook;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import pomona.kernel.CellOutputs;

class OutputRecorderTest {

    private final OutputRecorder.Displays displays = new OutputRecorder.Displays();
    private final OutputRecorder outputs = new OutputRecorder(displays, new Ignored());

    @Test
    void mergesNeighbouringStreams() {
        outputs.stream("stdout", "a");
        outputs.stream("stdout", "b\n");
        outputs.stream("stderr", "c");
        outputs.stream("stdout", "d");
        assertThat(recorded()).isEqualTo(JsonParser.parseString("""
                [{"output_type": "stream", "name": "stdout", "text": ["ab\\n"]},
                 {"output_type": "stream", "name": "stderr", "text": ["c"]},
                 {"output_type": "stream", "name": "stdout", "text": ["d"]}]"""));
    }

    @Test
    void streamGoesOnAfterItWasSaved() {
        outputs.stream("stdout", "a");
        assertThat(recorded()).hasSize(1);
        outputs.stream("stdout", "b");
        assertThat(recorded())
                .isEqualTo(JsonParser.parseString(
                        "[{\"output_type\": \"stream\", \"name\": \"stdout\", \"text\": [\"ab\"]}]"));
    }

    @Test
    void updatesEveryDisplayOfAnIdAlsoFromALaterCell() {
        outputs.display(Map.of("text/plain", "0 %"), Map.of(), "bar");
        outputs.display(Map.of("text/plain", "other"), Map.of(), null);
        new OutputRecorder(displays, new Ignored())
                .updateDisplay(Map.of("text/plain", "100 %"), Map.of("isolated", true), "bar");
        assertThat(recorded()).isEqualTo(JsonParser.parseString("""
                [{"output_type": "display_data", "data": {"text/plain": ["100 %"]}, "metadata": {"isolated": true}},
                 {"output_type": "display_data", "data": {"text/plain": ["other"]}, "metadata": {}}]"""));
    }

    @Test
    void clearsAtOnceOrWithTheNextOutput() {
        outputs.stream("stdout", "a");
        outputs.clear(true);
        assertThat(recorded()).hasSize(1);
        outputs.stream("stdout", "b");
        assertThat(recorded()).hasSize(1);
        assertThat(MultilineText.join(recorded().get(0).getAsJsonObject().get("text")))
                .isEqualTo("b");
        outputs.clear(false);
        assertThat(recorded()).isEmpty();
    }

    @Test
    void keepsStructuredDataWhole() {
        outputs.result(3, Map.of("application/json", Map.of("a", List.of(1, 2))), Map.of());
        assertThat(recorded()).isEqualTo(JsonParser.parseString("""
                [{"output_type": "execute_result", "execution_count": 3, "metadata": {},
                  "data": {"application/json": {"a": [1, 2]}}}]"""));
    }

    @Test
    void tellsTheErrorInOneLine() {
        outputs.error(
                "ArithmeticException", "/ by zero\nmore", List.of("\u001B[31mArithmeticException\u001B[0m: / by zero"));
        assertThat(outputs.lastError()).isEqualTo("ArithmeticException: / by zero");
        JsonObject error = recorded().get(0).getAsJsonObject();
        assertThat(error.get("evalue").getAsString()).isEqualTo("/ by zero\nmore");
        assertThat(error.getAsJsonArray("traceback")).hasSize(1);
    }

    @Test
    void leavesOutTheClassThatTheTracebackDoesNotShow() {
        outputs.error(
                "IllegalArgumentException",
                "There is no variable nett.",
                List.of("> 1 | %prune nett", "\u001B[31mThere is no variable nett.\u001B[0m"));
        assertThat(outputs.lastError()).isEqualTo("There is no variable nett.");
        outputs.error("CompilationError", "line 2: ';' expected", List.of("> 2 | int x", "error: ';' expected"));
        assertThat(outputs.lastError()).isEqualTo("line 2: ';' expected");
    }

    private JsonArray recorded() {
        JsonObject json = new JsonObject();
        Cell cell = new Cell(json);
        outputs.copyTo(cell);
        return cell.outputs();
    }

    private static final class Ignored implements CellOutputs {
        @Override
        public void stream(String name, String text) {}

        @Override
        public void display(Map<String, Object> bundle, Map<String, Object> metadata, String displayId) {}

        @Override
        public void updateDisplay(Map<String, Object> bundle, Map<String, Object> metadata, String displayId) {}

        @Override
        public void result(int executionCount, Map<String, Object> bundle, Map<String, Object> metadata) {}

        @Override
        public void error(String ename, String evalue, List<String> traceback) {}

        @Override
        public void clear(boolean wait) {}
    }
}
