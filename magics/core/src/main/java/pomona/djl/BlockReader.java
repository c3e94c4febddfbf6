package pomona.djl;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.SymbolBlock;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import pomona.djl.TracedCall.Ref;
import pomona.graph.Network;

/**
 * Makes a network of a DJL block by watching it at work, twice: what differs between a batch of two and a batch of three
 * depends on the size of the batch.
 */
final class BlockReader {

    static final int SMALL_BATCH = 2;
    static final int LARGE_BATCH = 3;

    private final String name;
    private final Block block;
    private final Map<Parameter, String> parameters;

    BlockReader(String name, Block block) {
        this.name = name;
        this.block = block;
        this.parameters = BlockNames.parameters(block);
    }

    /** What one run of the block left behind. */
    record Run(Trace trace, List<Ref> outputs, List<Shape> shapes) {}

    Network read(Shape[] inputShapes) {
        requireReady(inputShapes);
        Device device = parameters.keySet().stream()
                .findFirst()
                .map(p -> p.getArray().getDevice())
                .orElse(Device.cpu());
        try (NDManager manager = Engine.getEngine("PyTorch").newBaseManager(device)) {
            Run small = watch(manager, inputShapes, SMALL_BATCH);
            Run large = watch(manager, inputShapes, LARGE_BATCH);
            return new TraceWriter(name, parameters, small, large).write(inputShapes);
        }
    }

    private void requireReady(Shape[] inputShapes) {
        if (inputShapes == null || inputShapes.length == 0) {
            throw new IllegalArgumentException(
                    "Block " + name + " needs the shapes of its inputs, the batch first, such as (1, 784).");
        }
        for (Shape shape : inputShapes) {
            for (int i = 1; i < shape.dimension(); i++) {
                if (shape.get(i) < 1) {
                    throw new IllegalArgumentException("Block " + name + " needs inputs of known sizes; " + shape
                            + " leaves more open than the batch.");
                }
            }
            if (shape.dimension() == 0) {
                throw new IllegalArgumentException(
                        "Block " + name + " needs inputs with a batch dimension; () has none.");
            }
        }
        for (Map.Entry<Parameter, String> parameter : parameters.entrySet()) {
            if (!parameter.getKey().isInitialized()) {
                throw new IllegalArgumentException("Block " + name + " has no values yet for its parameter "
                        + parameter.getValue() + "; initialize or train it first.");
            }
        }
    }

    private Run watch(NDManager manager, Shape[] inputShapes, int batch) {
        Trace trace = new Trace(manager, parameters);
        NDList inputs = new NDList();
        for (int i = 0; i < inputShapes.length; i++) {
            Shape shape = new Shape(batch).addAll(inputShapes[i].slice(1));
            inputs.add(trace.input(inputName(i, inputShapes.length), shape));
        }
        String root = block.getChildren().isEmpty() ? BlockNames.kind(block) + "1" : "";
        NDList outputs;
        try {
            outputs = forward(block, root, trace, trace.store(), inputs);
        } catch (Trace.Refusal e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw trace.refused(batch, e);
        }
        List<Ref> refs = new ArrayList<>();
        List<Shape> shapes = new ArrayList<>();
        for (NDArray output : outputs) {
            refs.add(trace.ref(output));
            shapes.add(output.getShape());
        }
        return new Run(trace, refs, shapes);
    }

    static String inputName(int index, int count) {
        return count == 1 ? "input" : "input" + (index + 1);
    }

    private static NDList forward(Block block, String path, Trace trace, ParameterStore store, NDList inputs) {
        trace.enter(path.isEmpty() ? block.getClass().getSimpleName() : path);
        if (block instanceof SymbolBlock) {
            throw new Trace.Refusal(
                    trace.path(),
                    "it is a graph of its engine (" + block.getClass().getSimpleName() + "), not of blocks");
        }
        if (!(block instanceof SequentialBlock sequence)) {
            return block.forward(store, inputs, false);
        }
        Map<Block, String> names = BlockNames.children(sequence);
        NDList all = new NDList();
        NDList current = inputs;
        for (Block child : sequence.getChildren().values()) {
            current = forward(child, BlockNames.join(path, names.get(child)), trace, store, current);
            all.addAll(current);
        }
        return sequence.isReturnIntermediate() ? all : current;
    }
}
