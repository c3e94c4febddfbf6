package pomona.torchscript;

import java.util.List;
import java.util.Map;

/** What pickled data is made of beside numbers, texts, lists and maps; only described, never made. */
final class Pickle {

    /** The value None. */
    static final Object NONE = new Object() {
        @Override
        public String toString() {
            return "None";
        }
    };

    private Pickle() {}

    /** The name of a class or function. */
    record Global(String name) {}

    /** What a function was to be called with. */
    record Call(Global function, List<Object> arguments) {}

    /** An object of a class, with its attributes. */
    static final class Instance {

        final Global type;
        Object state = NONE;

        Instance(Global type) {
            this.type = type;
        }

        Map<?, ?> attributes() {
            return state instanceof Map<?, ?> map ? map : Map.of();
        }
    }

    /** What lies outside of the pickle, such as the storage of a tensor. */
    record Persistent(Object id) {}
}
