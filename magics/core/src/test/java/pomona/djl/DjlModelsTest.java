package pomona.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.inference.Predictor;
import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.training.ParameterStore;
import ai.djl.translate.NoopTranslator;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pomona.Networks;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.onnx.Onnx;

/** DJL's models, those of a zoo and those in folders, become networks; networks become models and folders. */
class DjlModelsTest {

    private final NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void takesModelsOfBothEngines(@TempDir Path folder) throws Exception {
        try (Model model = Model.newInstance("plain", Device.cpu(), "PyTorch")) {
            assertThatThrownBy(() -> Djl.network(model))
                    .hasMessage("Model plain has no block yet; set one, or load the model.");
            model.setBlock(new SequentialBlock().add(DjlTest.linear(3)));
            assertThatThrownBy(() -> Djl.network(model))
                    .hasMessage("Block plain has no values yet for its parameter fc1.weight; initialize or train it"
                            + " first.");
            model.getBlock().initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 6));
            Network network = Djl.network(model);
            assertThat(network.name()).isEqualTo("plain");
            try (Model again = Djl.model(network)) {
                assertThat(Djl.network(again)).isEqualTo(network);
            }
            Onnx.write(network, folder.resolve("stored.onnx"));
            try (Model stored = Model.newInstance("stored", Device.cpu(), "OnnxRuntime")) {
                stored.load(folder, "stored");
                assertThat(Djl.network(stored).weights()).isEqualTo(network.weights());
            }
        }
    }

    @Test
    void predictsOnOnnxRuntime() throws Exception {
        Block block = DjlTest.linear(3);
        DjlTest.randomize(block, new Shape(1, 6), manager);
        Network network = Djl.network("predicted", block, new Shape(1, 6));
        Tensor input = OperatorsTest.random(1, 2, 6);
        float[] expected;
        try (RuntimeSession session = RuntimeSession.open(network)) {
            expected = session.run(input).toFloatArray();
        }
        try (Predictor<NDList, NDList> predictor = Djl.predictor(network, new NoopTranslator())) {
            NDList answer = predictor.predict(new NDList(Tensors.toArray(input, manager)));
            assertThat(answer.head().toFloatArray()).containsExactly(expected);
        }
    }

    @Test
    void writesAFolderThatDjlLoads(@TempDir Path parent) throws Exception {
        Block block = DjlTest.linear(3);
        DjlTest.randomize(block, new Shape(1, 6), manager);
        Network network = Djl.network("served", block, new Shape(1, 6));
        Path folder = Djl.write(network, parent.resolve("served"), Map.of("batch_size", "4"));
        Djl.write(network, folder, Map.of("batch_size", "8"));

        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("model.onnx", "serving.properties");
        }
        assertThat(folder.resolve("serving.properties"))
                .hasContent("engine=OnnxRuntime\noption.modelName=model\noption.optLevel=ALL_OPT\nbatch_size=8");
        Tensor input = OperatorsTest.random(1, 2, 6);
        Criteria<NDList, NDList> criteria = Criteria.builder()
                .setTypes(NDList.class, NDList.class)
                .optModelPath(folder)
                .build();
        try (ZooModel<NDList, NDList> model = criteria.loadModel();
                Predictor<NDList, NDList> predictor = model.newPredictor();
                RuntimeSession session = RuntimeSession.open(network)) {
            assertThat(model.getNDManager().getEngine().getEngineName()).isEqualTo("OnnxRuntime");
            NDList answer = predictor.predict(new NDList(Tensors.toArray(input, manager)));
            assertThat(answer.head().toFloatArray())
                    .containsExactly(session.run(input).toFloatArray());
            assertThat(Djl.network(model).weights()).isEqualTo(network.weights());
        }
    }

    @Test
    void leavesAFolderAsItWasWhenDjlCanNotLoad(@TempDir Path folder) throws Exception {
        Network odd = Network.builder("odd")
                .input("x", 1)
                .node("NoSuchOperator", List.of("x"), "y")
                .output("y", 1)
                .build();
        assertThatThrownBy(() -> Djl.write(odd, folder))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("DJL can not load network odd: ")
                .hasMessageContaining("NoSuchOperator");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aFolderDoesNotTakeThePlaceOfAFile(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("cnn.onnx"), "kept");
        assertThatThrownBy(() -> Djl.write(Networks.mlp(4, 2), file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("There is a file " + file + "; a model folder needs a name that no file has.");
        assertThat(file).hasContent("kept");
    }

    private static Block layers() {
        return new SequentialBlock()
                .add(DjlTest.linear(5))
                .add(Activation.reluBlock())
                .add(DjlTest.linear(3));
    }

    /** A model with blocks is stored by DJL, found again in its folder as a model of a zoo, and read with its weights. */
    @Test
    void takesAModelOfAZoo(@TempDir Path folder) throws Exception {
        Tensor input = OperatorsTest.random(1, 2, 6);
        float[] expected;
        try (Model model = Model.newInstance("layers", Device.cpu(), "PyTorch")) {
            Block block = layers();
            DjlTest.randomize(block, new Shape(1, 6), manager);
            model.setBlock(block);
            model.save(folder, "layers");
            expected = block.forward(
                            new ParameterStore(manager, false), new NDList(Tensors.toArray(input, manager)), false)
                    .head()
                    .toFloatArray();
        }
        Criteria<NDList, NDList> criteria = Criteria.builder()
                .setTypes(NDList.class, NDList.class)
                .optModelPath(folder)
                .optModelName("layers")
                .optEngine("PyTorch")
                .optBlock(layers())
                .build();
        try (ZooModel<NDList, NDList> model = criteria.loadModel()) {
            Network network = Djl.network(model);
            assertThat(network.name()).isEqualTo("layers");
            assertThat(network.weights().keySet())
                    .containsExactlyInAnyOrder("fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias");
            try (RuntimeSession session = RuntimeSession.open(network)) {
                assertThat(session.run(input).toFloatArray()).containsExactly(expected, within(1e-5f));
            }
        }
    }

    /**
     * Loads a folder with what the workload manager of DJL Serving makes of its {@code serving.properties}: the engine,
     * the options without their prefix, and stacking where a batch size is set; requests are bytes that hold arrays.
     */
    @Test
    void answersRequestsAsDjlServingSendsThem(@TempDir Path parent) throws Exception {
        Block block = DjlTest.linear(3);
        DjlTest.randomize(block, new Shape(1, 6), manager);
        Network network = Djl.network("served", block, new Shape(1, 6));
        Path folder = Djl.write(network, parent.resolve("served"), Map.of("batch_size", "4"));
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(folder.resolve("serving.properties"))) {
            properties.load(reader);
        }
        Map<String, String> options = new TreeMap<>();
        for (String name : properties.stringPropertyNames()) {
            if (name.startsWith("option.")) {
                options.put(name.substring("option.".length()), properties.getProperty(name));
            }
        }
        Criteria<Input, Output> criteria = Criteria.builder()
                .setTypes(Input.class, Output.class)
                .optModelUrls(folder.toUri().toString())
                .optEngine(properties.getProperty("engine"))
                .optOptions(options)
                .optArgument("batchifier", properties.containsKey("batch_size") ? "stack" : "none")
                .optDevice(Device.cpu())
                .build();
        List<Input> requests = new ArrayList<>();
        List<Tensor> records = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Tensor record = OperatorsTest.random(i, 6);
            Input request = new Input();
            request.addProperty("Content-Type", "tensor/ndlist");
            request.add(new NDList(Tensors.toArray(record, manager)).encode());
            requests.add(request);
            records.add(record);
        }
        try (ZooModel<Input, Output> model = criteria.loadModel();
                Predictor<Input, Output> predictor = model.newPredictor();
                RuntimeSession session = RuntimeSession.open(network)) {
            List<Output> answers = predictor.batchPredict(requests);
            for (int i = 0; i < 3; i++) {
                assertThat(answers.get(i).getCode()).isEqualTo(200);
                NDArray answer = NDList.decode(manager, answers.get(i).getData().getAsBytes())
                        .head();
                assertThat(answer.getShape()).isEqualTo(new Shape(3));
                assertThat(answer.toFloatArray())
                        .containsExactly(
                                session.run(records.get(i).reshape(1, 6)).toFloatArray(), within(1e-6f));
            }
        }
    }
}
