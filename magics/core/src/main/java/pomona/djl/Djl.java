package pomona.djl;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.EngineException;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SymbolBlock;
import ai.djl.translate.TranslateException;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import pomona.graph.Network;
import pomona.graph.Signature;
import pomona.graph.Tensor;
import pomona.onnx.Onnx;

/**
 * The way from DJL to networks and back.
 *
 * <pre>{@code
 * Network network = Djl.network("lenet", block, new Shape(1, 784));
 * try (Model model = Djl.model(network)) {
 *     ... // train it with DJL
 * }
 * }</pre>
 */
public final class Djl {

    private Djl() {}

    /**
     * Makes a network of a DJL model: of its blocks and their parameters, or of the ONNX file of a model that was loaded
     * with the OnnxRuntime engine.
     *
     * @throws IllegalArgumentException if the model has no block yet, or one that can not become a network; the message
     *     names the block
     */
    public static Network network(Model model) {
        Block block = model.getBlock();
        if (block == null) {
            throw new IllegalArgumentException(
                    "Model " + model.getName() + " has no block yet; set one, or load the model.");
        }
        if (model.getNDManager().getEngine().getEngineName().equals(RuntimeModel.ENGINE)) {
            return Onnx.read(file(model));
        }
        if (block instanceof NetworkBlock own) {
            return own.network();
        }
        boolean shaped = !(block instanceof SymbolBlock) && block.isInitialized();
        return network(model.getName(), block, shaped ? block.getInputShapes() : new Shape[] {new Shape(1)});
    }

    /**
     * Makes a network of a DJL block: one of DJL's own, a lambda, a tree of them, or a class of one's own. The block is
     * run on zeros in inference mode and what it computes is written down; parameters are named after their place in
     * the tree, such as {@code fc1.weight}.
     *
     * @param name what to call the network
     * @param block the block; its parameters must have values
     * @param inputShapes the shapes of its inputs; the first size of each is the batch, whatever number it is
     * @throws IllegalArgumentException if a block does what no operator does; the message names the block
     */
    public static Network network(String name, Block block, Shape... inputShapes) {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(block, "block");
        if (block instanceof NetworkBlock own) {
            return own.network().named(name);
        }
        return new BlockReader(name, block).read(inputShapes);
    }

    /**
     * Copies of a model's parameters, by their names: of its blocks, or of a TorchScript model that was loaded with the
     * option {@code trainParam=true}.
     *
     * @throws IllegalArgumentException if the model has no parameters that can be reached
     */
    public static Map<String, Tensor> weights(Model model) {
        Map<String, Tensor> weights = new LinkedHashMap<>();
        parameters(model).forEach((name, parameter) -> weights.put(name, Tensors.of(parameter.getArray())));
        return weights;
    }

    /**
     * Writes new values into a model's parameters, in place: what it predicts from then on, and what it saves, is made of
     * them.
     *
     * @param weights the new values, by the names of {@link #weights(Model)}; names that are none of the model's are left
     *     out
     * @throws IllegalArgumentException if a value has another type or shape than its parameter; nothing is written then
     */
    public static void setWeights(Model model, Map<String, Tensor> weights) {
        Map<String, Parameter> parameters = parameters(model);
        parameters.keySet().retainAll(weights.keySet());
        parameters.forEach((name, parameter) -> {
            NDArray array = parameter.getArray();
            Tensor tensor = weights.get(name);
            boolean fits = Tensors.elementType(array.getDataType()) == tensor.type()
                    && Arrays.equals(array.getShape().getShape(), tensor.shape());
            if (!fits) {
                throw new IllegalArgumentException("Parameter " + name + " of model " + model.getName() + " is "
                        + array.getDataType().name().toLowerCase(Locale.ROOT) + array.getShape() + "; it was given "
                        + tensor + ".");
            }
        });
        parameters.forEach((name, parameter) -> {
            try (NDArray value = Tensors.toArray(weights.get(name), model.getNDManager())) {
                value.copyTo(parameter.getArray());
            }
        });
    }

    private static Map<String, Parameter> parameters(Model model) {
        Map<String, Parameter> parameters = new LinkedHashMap<>();
        if (model.getBlock() != null) {
            model.getBlock().getParameters().forEach(pair -> parameters.put(pair.getKey(), pair.getValue()));
        }
        parameters.values().removeIf(parameter -> !parameter.isInitialized());
        if (parameters.isEmpty()) {
            throw new IllegalArgumentException("Model " + model.getName() + " has no parameters that can be reached;"
                    + " initialize its block, or load a TorchScript model with the option trainParam=true.");
        }
        return parameters;
    }

    /** A DJL model of a network, trainable, on the PyTorch engine; close it to free its native memory. */
    public static Model model(Network network) {
        return model(network.name(), NetworkBlock.of(network));
    }

    /** A DJL model around a network's block, with the block initialized; see {@link NetworkBlock}. */
    public static Model model(String name, NetworkBlock block) {
        Model model = Model.newInstance(name, "PyTorch");
        model.setBlock(block);
        block.initialize(model.getNDManager());
        return model;
    }

    /**
     * A DJL predictor that runs a network on ONNX Runtime with all graph optimizations and a thread for each processor.
     * It is warm: the network has run once, on zeros, so that the first answer takes no longer than the others. Closing
     * it frees the model as well.
     *
     * @param translator makes arrays of what is asked, and an answer of arrays
     * @throws IllegalArgumentException if ONNX Runtime refuses the network
     */
    public static <I, O> Predictor<I, O> predictor(Network network, Translator<I, O> translator) {
        RuntimeModel model = RuntimeModel.load(network, Runtime.getRuntime().availableProcessors());
        Warmth.warm(network, model.model());
        return new OwningPredictor<>(network, model, translator);
    }

    /**
     * Writes a network as a model folder that DJL and DJL Serving load: {@code model.onnx}, with its weights beside it
     * where they must be, and {@code serving.properties}, which names the engine and its settings. A network of a newer file
     * format or operator set than ONNX Runtime knows is written in the newest it knows.
     *
     * <pre>{@code
     * Djl.write(network, folder);
     * ZooModel<NDList, NDList> model =
     *         Criteria.builder().setTypes(NDList.class, NDList.class).optModelPath(folder).build().loadModel();
     * }</pre>
     *
     * @param folder where to; made when it is missing, and files of the same names are replaced
     * @return the folder
     * @throws IllegalArgumentException if DJL can not load what was written; what was there before is still there then
     */
    public static Path write(Network network, Path folder) {
        return write(network, folder, Map.of());
    }

    /**
     * Writes a network as a model folder with more settings, such as {@code translatorFactory} or {@code batch_size}; see
     * {@link #write(Network, Path)}.
     *
     * @param properties what to add to {@code serving.properties}, or to replace there
     */
    public static Path write(Network network, Path folder, Map<String, String> properties) {
        return new ModelFolder(network, properties).write(folder);
    }

    private static Path file(Model model) {
        Path folder = model.getModelPath();
        Path file = folder.resolve(model.getName() + ".onnx");
        return Files.isRegularFile(file) ? file : folder.resolve("model.onnx");
    }

    /** A predictor whose model nobody else knows. */
    private static final class OwningPredictor<I, O> extends Predictor<I, O> {

        private final String network;
        private final Signature signature;
        private final RuntimeModel owned;

        OwningPredictor(Network network, RuntimeModel model, Translator<I, O> translator) {
            super(model.model(), translator, Device.cpu(), false);
            this.network = network.name();
            this.signature = network.signature();
            this.owned = model;
        }

        @Override
        public String toString() {
            return "predictor of " + network + " " + signature + " on ONNX Runtime";
        }

        /** What ONNX Runtime refuses is said once, and not again by each exception around it. */
        @Override
        protected NDList predictInternal(TranslatorContext context, NDList inputs) throws TranslateException {
            try {
                return super.predictInternal(context, inputs);
            } catch (EngineException e) {
                throw new TranslateException(
                        "Network " + network + " failed in ONNX Runtime: " + RuntimeModel.reason(e));
            }
        }

        @Override
        public void close() {
            super.close();
            owned.close();
        }
    }
}
