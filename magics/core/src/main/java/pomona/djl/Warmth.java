package pomona.djl;

import ai.djl.Model;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import pomona.graph.Dimension;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.Value;

/** Lets a model run once, so that what is made at the first run is there when it is first asked. */
final class Warmth {

    private Warmth() {}

    static void warm(Network network, Model model) {
        try (NDManager manager = model.getNDManager().newSubManager()) {
            NDList zeros = new NDList();
            for (Value input : network.signature().inputs()) {
                if (input.shape() == null || input.type() == null || input.type() == ElementType.STRING) {
                    return;
                }
                long[] shape = input.shape().stream().mapToLong(Warmth::size).toArray();
                NDArray array = manager.zeros(new Shape(shape), Tensors.dataType(input.type()));
                array.setName(input.name());
                zeros.add(array);
            }
            model.getBlock()
                    .forward(new ParameterStore(manager, false), zeros, false)
                    .close();
        } catch (EngineException | IllegalArgumentException | UnsupportedOperationException e) {
            // Zeros of these sizes are nothing the network takes; it is then warm after the first real input.
        }
    }

    private static long size(Dimension dimension) {
        return dimension.isFixed() ? dimension.size() : 1;
    }
}
