package pomona.djl;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import pomona.graph.Dimension;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.graph.Value;

/**
 * A network as a trainable DJL block on the PyTorch engine.
 *
 * <p>Its parameters are the network's float weights of one dimension or more, under their own names; those that are
 * running statistics of batch normalization take no gradients. All other constants stay as they are. In training mode
 * dropout drops and batch normalization takes the statistics of the batch, as everywhere in DJL. Inputs are given in
 * the network's order, outputs come in its order.
 *
 * <pre>{@code
 * NetworkBlock block = NetworkBlock.of(network);
 * try (Model model = Djl.model(block)) {
 *     ... // train it with DJL
 *     Network trained = block.network();
 * }
 * }</pre>
 */
public final class NetworkBlock extends AbstractBlock {

    private static final byte VERSION = 1;

    private final Network network;
    private final Execution execution;
    private final Map<String, Tensor> constants;
    private final Map<String, Parameter> weights = new LinkedHashMap<>();
    private final Map<String, NDArray> fixed = new ConcurrentHashMap<>();
    private NDManager manager;

    private NetworkBlock(Network network) {
        super(VERSION);
        this.network = network;
        this.execution = new Execution(network);
        this.constants = execution.constants();
        this.inputNames = network.signature().inputs().stream().map(Value::name).toList();
        Set<String> learned = learnedConstants();
        Set<String> statistics = statistics();
        network.weights().forEach((name, tensor) -> {
            if (learned.contains(name)) {
                weights.put(name, addParameter(parameter(name, tensor, !statistics.contains(name))));
            }
        });
    }

    /** The names of the standard operators that a network may have to be trained. */
    public static Set<String> operators() {
        return Operators.names();
    }

    /**
     * Makes a block of a network.
     *
     * @throws IllegalArgumentException if an operator has no trainable form; the message names the node
     */
    public static NetworkBlock of(Network network) {
        return new NetworkBlock(network);
    }

    /** The network with the parameters' values of now; everything else is as it was. */
    public Network network() {
        Map<String, Tensor> changed = new HashMap<>();
        weights.forEach((name, parameter) -> {
            if (parameter.isInitialized()) {
                changed.put(name, Tensors.of(parameter.getArray()));
            }
        });
        return network.withWeights(changed);
    }

    /**
     * Sets weights to values of the same names; optimizers that hold the arrays of parameters go on with them.
     *
     * @param values weights by name, in the shapes that they have here; those that nothing takes are passed over
     */
    public void load(Map<String, Tensor> values) {
        values.forEach((name, value) -> {
            Parameter parameter = weights.get(name);
            if (parameter != null) {
                NDArray array = parameter.getArray();
                // A handle without history, so that the elements can be changed in place.
                try (NDArray handle = array.stopGradient();
                        NDArray fresh = Tensors.toArray(value, array.getManager())) {
                    handle.subi(handle).addi(fresh);
                }
            } else if (constants.containsKey(name)) {
                NDArray before = fixed.put(name, Tensors.toArray(value, manager));
                if (before != null) {
                    before.close();
                }
            }
        });
    }

    /** The parameter of that weight, or null when that weight is none. */
    public Parameter parameter(String weight) {
        return weights.get(weight);
    }

    /** Initializes the block for inputs as the network declares them, with size 1 for dimensions that are not fixed. */
    public void initialize(NDManager owner) {
        initialize(owner, DataType.FLOAT32, declaredShapes());
    }

    @Override
    public void initialize(NDManager owner, DataType dataType, Shape... inputShapes) {
        manager = manager == null ? owner : manager;
        super.initialize(owner, dataType, inputShapes);
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
        if (inputs.size() != inputNames.size()) {
            throw new IllegalArgumentException("Network " + network.name() + " takes " + inputNames.size() + " inputs, "
                    + String.join(", ", inputNames) + "; it was given " + inputs.size() + ".");
        }
        if (!isInitialized()) {
            initialize(store.getManager(), DataType.FLOAT32, inputs.getShapes());
        }
        NDManager owner = inputs.isEmpty() ? store.getManager() : inputs.head().getManager();
        Device device = owner.getDevice();
        return execution.run(inputs, name -> array(name, store, device, training), training, owner);
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        try (NDManager scratch = Engine.getEngine("PyTorch").newBaseManager()) {
            NDList zeros = new NDList();
            for (int i = 0; i < inputShapes.length; i++) {
                ElementType type = network.signature().inputs().get(i).type();
                zeros.add(scratch.zeros(inputShapes[i], Tensors.dataType(type == null ? ElementType.FLOAT : type)));
            }
            NDList outputs =
                    execution.run(zeros, name -> Tensors.toArray(constants.get(name), scratch), false, scratch);
            outputDataTypes = outputs.stream().map(NDArray::getDataType).toArray(DataType[]::new);
            return outputs.getShapes();
        }
    }

    /** The shapes of the inputs as the network declares them, with size 1 for dimensions that are not fixed. */
    Shape[] declaredShapes() {
        return network.signature().inputs().stream()
                .map(NetworkBlock::declaredShape)
                .toArray(Shape[]::new);
    }

    private static Shape declaredShape(Value input) {
        List<Dimension> shape = input.shape() == null ? Collections.emptyList() : input.shape();
        return new Shape(
                shape.stream().mapToLong(d -> d.isFixed() ? d.size() : 1).toArray());
    }

    private NDArray array(String name, ParameterStore store, Device device, boolean training) {
        Parameter parameter = weights.get(name);
        if (parameter != null) {
            return store.getValue(parameter, device, training);
        }
        NDArray array = fixed.computeIfAbsent(name, n -> Tensors.toArray(constants.get(n), manager));
        return array.getDevice().equals(device) ? array : array.toDevice(device, false);
    }

    private static Parameter parameter(String name, Tensor tensor, boolean learned) {
        return Parameter.builder()
                .setName(name)
                .setType(learned ? Parameter.Type.WEIGHT : Parameter.Type.RUNNING_MEAN)
                .optShape(new Shape(tensor.shape()))
                .optInitializer((owner, shape, type) -> Tensors.toArray(tensor, owner))
                .optRequiresGrad(learned)
                .build();
    }

    /** Float weights that some operator takes as a value, not only as a setting such as a limit. */
    private Set<String> learnedConstants() {
        Set<String> learned = new HashSet<>();
        for (Node node : network.nodes()) {
            for (int i = 0; i < node.inputs().size(); i++) {
                Tensor tensor = network.weights().get(node.input(i));
                boolean value = tensor != null && tensor.type() == ElementType.FLOAT && tensor.rank() > 0;
                if (value && Operators.isLearned(node, i)) {
                    learned.add(node.input(i));
                }
            }
        }
        return learned;
    }

    private Set<String> statistics() {
        Set<String> statistics = new HashSet<>();
        network.nodes().stream()
                .filter(node -> node.is("BatchNormalization"))
                .forEach(node -> statistics.addAll(Arrays.asList(node.input(3), node.input(4))));
        return statistics;
    }
}
