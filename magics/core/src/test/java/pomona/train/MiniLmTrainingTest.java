package pomona.train;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import java.io.IOException;
import java.io.InputStream;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.onnx.Onnx;

/** A published sentence encoder is trained, and what it learned is in a network with the names it had. */
class MiniLmTrainingTest {

    @Test
    void learnsAndKeepsItsNames() throws IOException {
        Network network;
        try (InputStream file = getClass().getResourceAsStream("/all-minilm-l6-v2.onnx")) {
            network = Onnx.read(file.readAllBytes(), "minilm");
        }
        Trained trained;
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            Shape shape = new Shape(4, 12);
            ArrayDataset sentences = new ArrayDataset.Builder()
                    .setData(
                            manager.arange(0, 48, 1, DataType.INT64).reshape(shape),
                            manager.ones(shape, DataType.INT64),
                            manager.zeros(shape, DataType.INT64))
                    .optLabels(manager.zeros(new Shape(4)))
                    .setSampling(4, false)
                    .build();
            Training training = Training.epochs(6).withBatchSize(4).withLearningRate(1e-4);
            trained = new TrainingLoop("test", training, false)
                    .run(network, sentences, (outputs, data, labels) -> outputs.head()
                            .square()
                            .mean());
        }
        assertThat(trained.history().epochs()).hasSize(6);
        assertThat(trained.history().epochs()[5])
                .isLessThan(0.8 * trained.history().epochs()[0]);
        Network learned = trained.network();
        assertThat(learned.nodes()).isEqualTo(network.nodes());
        assertThat(learned.weights().keySet()).isEqualTo(network.weights().keySet());
        Set<String> unchanged = new TreeSet<>();
        network.weights().forEach((name, before) -> {
            assertThat(learned.weight(name).toString()).isEqualTo(before.toString());
            if (before.type() == ElementType.FLOAT
                    && before.rank() > 0
                    && learned.weight(name).equals(before)) {
                unchanged.add(name);
            }
        });
        assertThat(unchanged).isEmpty();
        Network read = Onnx.read(Onnx.bytes(learned), "minilm");
        assertThat(read.weights()).isEqualTo(learned.weights());
    }
}
