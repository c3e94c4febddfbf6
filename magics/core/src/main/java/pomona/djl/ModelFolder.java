package pomona.djl;

import ai.djl.MalformedModelException;
import ai.djl.ndarray.NDList;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ModelNotFoundException;
import ai.djl.repository.zoo.ZooModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import pomona.graph.Network;
import pomona.graph.Workshop;
import pomona.onnx.Onnx;

/**
 * A network as a folder that DJL loads.
 *
 * @param network the network
 * @param properties settings beside the usual ones
 */
record ModelFolder(Network network, Map<String, String> properties) {

    private static final String MODEL = "model.onnx";
    private static final String DATA = "model.onnx.data";
    private static final String PROPERTIES = "serving.properties";

    Path write(Path folder) {
        if (Files.isRegularFile(folder)) {
            throw new IllegalArgumentException(
                    "There is a file " + folder + "; a model folder needs a name that no file has.");
        }
        try (Workshop workshop = Workshop.beside(folder.resolve(MODEL))) {
            Onnx.write(RuntimeForm.of(network), workshop.resolve(MODEL));
            Files.writeString(workshop.resolve(PROPERTIES), text());
            load(workshop.resolve(MODEL).getParent());
            boolean external = Files.exists(workshop.resolve(DATA));
            Files.deleteIfExists(workshop.target(MODEL));
            Files.deleteIfExists(workshop.target(DATA));
            for (String name : external ? List.of(PROPERTIES, DATA, MODEL) : List.of(PROPERTIES, MODEL)) {
                workshop.publish(name);
            }
            return folder;
        } catch (IOException e) {
            throw Workshop.failure(folder, e);
        }
    }

    private String text() {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("engine", RuntimeModel.ENGINE);
        all.put("option.modelName", "model");
        all.put("option.optLevel", "ALL_OPT");
        all.putAll(properties);
        StringBuilder text = new StringBuilder();
        all.forEach((key, value) -> text.append(key).append('=').append(value).append('\n'));
        return text.toString();
    }

    /** What DJL can not load is not worth moving. */
    private void load(Path made) {
        Criteria<NDList, NDList> criteria = Criteria.builder()
                .setTypes(NDList.class, NDList.class)
                .optModelPath(made)
                .build();
        try (ZooModel<NDList, NDList> model = criteria.loadModel()) {
            Warmth.warm(network, model);
        } catch (ModelNotFoundException | MalformedModelException | IOException | RuntimeException e) {
            throw new IllegalArgumentException(
                    "DJL can not load network " + network.name() + ": " + RuntimeModel.reason(e));
        }
    }
}
