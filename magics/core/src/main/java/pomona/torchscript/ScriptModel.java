package pomona.torchscript;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import pomona.graph.Tensor;

/**
 * An opened model.
 *
 * @param archive the zip file
 * @param root the tree of modules
 * @param constants the tensors that the code calls {@code CONSTANTS.c0} and so on
 */
record ScriptModel(Archive archive, Module root, List<Tensor> constants) {

    private static final String DATA = "data.pkl";
    private static final String CODE = "code";
    private static final String CONSTANTS = "constants.pkl";

    static ScriptModel open(Path file) {
        Archive archive = Archive.open(file);
        Storages storages = new Storages(archive, "data");
        byte[] pickled = archive.bytes(DATA);
        Module root = archive.hasFolder(CODE)
                ? Module.of(PickleReader.read(pickled), storages)
                : StateDictionary.read(pickled, storages);
        // Each place is looked at once, so that what is damaged is said when the model is opened.
        root.tensors().values().forEach(storages::tensor);
        return new ScriptModel(archive, root, constants(archive));
    }

    /** Whether there is code, and not weights alone. */
    boolean hasCode() {
        return archive.hasFolder(CODE);
    }

    private static List<Tensor> constants(Archive archive) {
        List<Tensor> constants = new ArrayList<>();
        if (archive.has(CONSTANTS) && PickleReader.read(archive.bytes(CONSTANTS)) instanceof List<?> list) {
            Storages storages = new Storages(archive, "constants");
            for (Object value : list) {
                // What is no tensor keeps its number; code that asks for it is refused.
                constants.add(Storages.isTensor(value) ? storages.tensor(storages.place(value)) : null);
            }
        }
        return constants;
    }

    Tensor tensor(Storages.Place place) {
        return new Storages(archive, "data").tensor(place);
    }

    /** The code file of a class, such as {@code code/__torch__/torch/nn/modules/linear.py}, or null. */
    String codeFile(String type) {
        String path =
                "code/" + type.substring(0, Math.max(0, type.lastIndexOf('.'))).replace('.', '/') + ".py";
        return archive.has(path) ? path : null;
    }

    String code(String codeFile) {
        return new String(archive.bytes(codeFile), StandardCharsets.UTF_8);
    }
}
