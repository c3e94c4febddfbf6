package pomona.kernel;

import java.util.List;
import java.util.Map;

/** Receives what a running cell puts out, in order. MIME bundles map a MIME type to its text (base64 for images). */
public interface CellOutputs {

    /** Text written to {@code stdout} or {@code stderr}. */
    void stream(String name, String text);

    /** A display; {@code displayId} is null when it can not be updated later. */
    void display(Map<String, Object> bundle, Map<String, Object> metadata, String displayId);

    /** New content for every display made under that id. */
    void updateDisplay(Map<String, Object> bundle, Map<String, Object> metadata, String displayId);

    /** The value of the cell's last expression. */
    void result(int executionCount, Map<String, Object> bundle, Map<String, Object> metadata);

    /** The error that ended the cell; the traceback lines may hold ANSI colours. */
    void error(String ename, String evalue, List<String> traceback);

    /** Clears the outputs so far, at once or when the next output comes. */
    void clear(boolean wait);

    /** A page of help that the user asked for; where nothing can be paged it is a display. */
    default void page(Map<String, Object> bundle) {
        display(bundle, Map.of(), null);
    }
}
