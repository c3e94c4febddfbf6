package pomona.torchscript;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One module of a TorchScript model: an object with parameters, buffers, settings and modules in it.
 *
 * @param type the name of its class in the archive's code
 * @param path its place in the tree, such as {@code features.0}; empty for the whole
 * @param attributes its attributes: modules, {@link Storages.Place} for tensors, numbers, texts
 */
record Module(String type, String path, Map<String, Object> attributes) {

    /** Deeper trees are no networks; pickled data could hold itself. */
    private static final int MOST_DEPTH = 200;

    /** Modules, and sixteenths of the letters of their paths: shared modules can make many of little data. */
    private static final int MOST_MODULES = 200_000;

    static Module of(Object pickled, Storages storages) {
        return new Maker(storages).module(pickled, "", 0);
    }

    /** The name that PyTorch gives one of the attributes. */
    String nameOf(String attribute) {
        return path.isEmpty() ? attribute : path + "." + attribute;
    }

    /** Where the parameters and buffers of the whole tree lie, by their names. */
    Map<String, Storages.Place> tensors() {
        Map<String, Storages.Place> found = new LinkedHashMap<>();
        attributes.forEach((name, value) -> {
            if (value instanceof Storages.Place place) {
                found.put(nameOf(name), place);
            } else if (value instanceof Module child) {
                found.putAll(child.tensors());
            }
        });
        return found;
    }

    private static final class Maker {

        private final Storages storages;
        private int count;

        Maker(Storages storages) {
            this.storages = storages;
        }

        Module module(Object pickled, String path, int depth) {
            if (!(pickled instanceof Pickle.Instance instance)) {
                throw new IllegalArgumentException("its pickled data is no module.");
            }
            count += 1 + path.length() / 16;
            if (depth > MOST_DEPTH || count > MOST_MODULES) {
                throw new IllegalArgumentException("its modules are nested without end.");
            }
            Map<String, Object> attributes = new LinkedHashMap<>();
            Module module = new Module(instance.type.name(), path, attributes);
            instance.attributes().forEach((key, value) -> {
                String name = String.valueOf(key);
                if (value instanceof Pickle.Instance child) {
                    attributes.put(name, module(child, module.nameOf(name), depth + 1));
                } else if (Storages.isTensor(value)) {
                    attributes.put(name, storages.place(value));
                } else {
                    attributes.put(name, value);
                }
            });
            return module;
        }
    }
}
