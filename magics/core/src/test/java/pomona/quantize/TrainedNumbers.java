package pomona.quantize;

import ai.djl.Device;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import ai.djl.training.dataset.RandomAccessDataset;
import java.util.Map;
import pomona.Equality;
import pomona.djl.NetworkBlock;
import pomona.djl.Tensors;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.onnx.Onnx;
import pomona.train.CrossEntropy;
import pomona.train.Training;
import pomona.train.TrainingLoop;

/**
 * What quantization-aware training trains, and what it makes of it.
 *
 * @param lattices the trained network, which only the engine of training runs
 * @param integers the network of integers, read from its file
 */
record TrainedNumbers(Network lattices, Network integers) {

    /** Trains as the technique does. */
    static TrainedNumbers of(
            QuantizationAwareTraining technique, Network network, RandomAccessDataset data, Training training) {
        Network start = technique.lattices(network);
        Network trained = new TrainingLoop("test", training, true)
                .run(start, data, CrossEntropy.of(start))
                .network();
        return new TrainedNumbers(trained, Onnx.read(Onnx.bytes(technique.integers(trained)), "read"));
    }

    /** How far ONNX Runtime's numbers for some input are from those of training. */
    double error(Tensor input) {
        String name = integers.signature().inputs().get(0).name();
        return Equality.relativeError(onTrainingEngine(lattices, input), Equality.run(integers, Map.of(name, input)));
    }

    /** The first output of a network on the engine that trains it. */
    static float[] onTrainingEngine(Network network, Tensor input) {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            NetworkBlock block = NetworkBlock.of(network);
            block.initialize(manager);
            return block.forward(new ParameterStore(manager, false), new NDList(Tensors.toArray(input, manager)), false)
                    .head()
                    .toFloatArray();
        }
    }
}
