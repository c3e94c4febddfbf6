package pomona.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.UniformInitializer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.graph.Value;

/** Compares what a DJL block gives on the PyTorch engine with what its network gives on ONNX Runtime. */
final class BlockComparison implements AutoCloseable {

    private final NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");

    NDManager manager() {
        return manager;
    }

    @Override
    public void close() {
        manager.close();
    }

    /** Gives a block random parameters, the same every time. */
    void randomize(Block block, Shape... shapes) {
        Engine.getEngine("PyTorch").setRandomSeed(3);
        block.setInitializer(
                new UniformInitializer(0.6f), parameter -> parameter.getType() != Parameter.Type.RUNNING_VAR);
        block.initialize(manager, DataType.FLOAT32, shapes);
    }

    /**
     * Asserts that a block of random parameters and its network give the same, at two sizes of the batch.
     *
     * @param below for each input, 1 for floats around 0, or what its whole numbers stay below
     */
    void assertGivesTheSame(String name, Block block, List<Shape> shapes, List<Float> below) {
        randomize(block, shapes.toArray(Shape[]::new));
        Network network = Djl.network(name, block, shapes.toArray(Shape[]::new));
        for (int batch : new int[] {shapes.size() > 1 ? 2 : 1, 4}) {
            Map<String, Tensor> feeds = new LinkedHashMap<>();
            NDList inputs = new NDList();
            for (int i = 0; i < shapes.size(); i++) {
                long[] dims = shapes.get(i).getShape().clone();
                dims[0] = dims[0] == 1 ? batch : dims[0];
                Tensor input =
                        below.get(i) == 1 ? OperatorsTest.random(batch, dims) : ids(batch + i, below.get(i), dims);
                feeds.put(network.signature().inputs().get(i).name(), input);
                inputs.add(Tensors.toArray(input, manager));
            }
            NDList expected = block.forward(new ParameterStore(manager, false), inputs, false);
            assertGives(expected, network, feeds);
        }
    }

    private static void assertGives(NDList expected, Network network, Map<String, Tensor> feeds) {
        List<Value> outputs = network.signature().outputs();
        assertThat(outputs).hasSameSizeAs(expected);
        try (RuntimeSession session = RuntimeSession.open(network)) {
            Map<String, Tensor> actual = session.run(feeds);
            for (int i = 0; i < outputs.size(); i++) {
                Tensor got = actual.get(outputs.get(i).name());
                NDArray wanted = expected.get(i);
                assertThat(got.shape()).isEqualTo(wanted.getShape().getShape());
                assertThat(got.toFloatArray()).containsExactly(wanted.toFloatArray(), within(tolerance(wanted)));
            }
        }
    }

    private static float tolerance(NDArray wanted) {
        float largest = 1;
        for (float value : wanted.toFloatArray()) {
            largest = Math.max(largest, Math.abs(value));
        }
        return 1e-5f * largest;
    }

    private static Tensor ids(int seed, float below, long... shape) {
        Random random = new Random(seed);
        float[] values = new float[(int) (shape[0] * shape[1])];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextInt((int) below);
        }
        return Tensor.ofFloats(values, shape);
    }
}
