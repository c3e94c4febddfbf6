package pomona.jupyter;

import java.util.Map;

/**
 * The widgets of a front end, as far as a kernel reaches them. A model is plain data under the names of its traits;
 * another model is named in it by its {@link Model#reference}.
 */
public interface WidgetPort {

    /** A kernel, or a front end, without widgets. */
    WidgetPort NONE = new WidgetPort() {
        @Override
        public boolean isOpen() {
            return false;
        }

        @Override
        public Model open(Map<String, Object> state) {
            throw new UnsupportedOperationException("this front end has no widgets");
        }
    };

    /** Whether the front end has told that it shows widgets. */
    boolean isOpen();

    /** Makes a model in the front end. */
    Model open(Map<String, Object> state);

    /** A model in the front end. */
    interface Model extends AutoCloseable {

        String id();

        /** Changes some of its traits. */
        void update(Map<String, Object> state);

        /** Removes it from the front end. */
        @Override
        void close();

        /** How other models name it. */
        default String reference() {
            return "IPY_MODEL_" + id();
        }
    }
}
