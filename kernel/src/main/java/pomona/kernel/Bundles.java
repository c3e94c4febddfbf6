package pomona.kernel;

import java.lang.reflect.Field;
import java.util.LinkedHashMap;
import java.util.Map;
import org.dflib.jjava.jupyter.kernel.display.DisplayData;

/** Reads the MIME bundle and metadata of jjava's display data, which has no accessor for either. */
final class Bundles {

    private static final Field DATA = field("data");
    private static final Field METADATA = field("metadata");

    private Bundles() {}

    static Map<String, Object> data(DisplayData display) {
        return read(DATA, display);
    }

    static Map<String, Object> metadata(DisplayData display) {
        return read(METADATA, display);
    }

    private static Map<String, Object> read(Field field, DisplayData display) {
        try {
            Map<String, Object> copy = new LinkedHashMap<>();
            if (field.get(display) instanceof Map<?, ?> map) {
                map.forEach((key, value) -> copy.put(String.valueOf(key), value));
            }
            return copy;
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Field field(String name) {
        try {
            Field field = DisplayData.class.getDeclaredField(name);
            field.setAccessible(true);
            return field;
        } catch (NoSuchFieldException e) {
            throw new ExceptionInInitializerError(e);
        }
    }
}
