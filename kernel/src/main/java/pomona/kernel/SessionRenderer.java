package pomona.kernel;

import java.lang.reflect.Array;
import java.util.Map;
import java.util.StringJoiner;
import org.dflib.jjava.jupyter.kernel.display.DisplayData;
import org.dflib.jjava.jupyter.kernel.display.Renderer;
import org.dflib.jjava.jupyter.kernel.display.mime.MIMEType;

/** jjava's renderer, which here shows null, the elements of arrays, and what is display data already. */
final class SessionRenderer extends Renderer {

    private static final int MAX_ELEMENTS = 100;

    @Override
    public DisplayData render(Object value, Map<String, Object> params) {
        if (value instanceof DisplayData made) {
            return made;
        }
        return value == null ? new DisplayData("null") : super.render(value, params);
    }

    @Override
    public DisplayData renderAs(Object value, Map<String, Object> params, String... types) {
        return value == null ? new DisplayData("null") : super.renderAs(value, params, types);
    }

    @Override
    protected DisplayData finalizeDisplayData(DisplayData data, Object value) {
        if (value.getClass().isArray() && !data.hasDataForType(MIMEType.TEXT_PLAIN)) {
            data.putText(text(value));
        }
        return super.finalizeDisplayData(data, value);
    }

    private static String text(Object value) {
        if (value == null || !value.getClass().isArray()) {
            return String.valueOf(value);
        }
        int length = Array.getLength(value);
        StringJoiner out = new StringJoiner(", ", "[", "]");
        for (int i = 0; i < Math.min(length, MAX_ELEMENTS); i++) {
            out.add(text(Array.get(value, i)));
        }
        return length > MAX_ELEMENTS ? out.add("... (" + length + " in all)").toString() : out.toString();
    }
}
