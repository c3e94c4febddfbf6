package pomona.torchscript;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What {@code torch.save} writes of a state dictionary: tensors by name, or a checkpoint that holds such dictionaries. Of
 * nested ones the names are joined by dots. Source: PyTorch, torch/serialization.py.
 */
final class StateDictionary {

    /** Deeper dictionaries hold no weights; pickled data could hold itself. */
    private static final int MOST_DEPTH = 8;

    private static final String PARAMETER = "torch._utils._rebuild_parameter";

    private StateDictionary() {}

    /** The tensors as a module without a class, which has no modules in it. */
    static Module read(byte[] pickled, Storages storages) {
        Map<String, Object> tensors = new LinkedHashMap<>();
        if (!(value(pickled) instanceof Map<?, ?> dictionary)) {
            throw objects(null);
        }
        collect(dictionary, "", 0, storages, tensors);
        if (tensors.isEmpty()) {
            throw objects(null);
        }
        return new Module("", "", tensors);
    }

    private static Object value(byte[] pickled) {
        try {
            return PickleReader.read(pickled);
        } catch (IllegalArgumentException e) {
            throw objects(e);
        }
    }

    private static IllegalArgumentException objects(Throwable cause) {
        return new IllegalArgumentException(
                "it holds Python objects as torch.save writes them, without code and without a dictionary of tensors;"
                        + " save torch.jit.trace(model, example) for a network, or torch.save(model.state_dict()) for its"
                        + " weights.",
                cause);
    }

    private static void collect(
            Map<?, ?> dictionary, String prefix, int depth, Storages storages, Map<String, Object> tensors) {
        if (depth > MOST_DEPTH) {
            throw new IllegalArgumentException("its dictionaries are nested without end.");
        }
        dictionary.forEach((key, value) -> {
            Object held = value instanceof Pickle.Call call
                            && call.function().name().equals(PARAMETER)
                            && !call.arguments().isEmpty()
                    ? call.arguments().get(0)
                    : value;
            if (Storages.isTensor(held)) {
                tensors.put(prefix + key, storages.place(held));
            } else if (held instanceof Map<?, ?> inner) {
                collect(inner, prefix + key + ".", depth + 1, storages, tensors);
            }
        });
    }
}
