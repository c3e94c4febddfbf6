package pomona.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import pomona.ExportedNetworks;
import pomona.graph.Network;
import pomona.graph.Tensor;

/**
 * Convolutional networks, transformers and recurrent networks as PyTorch exports them: they run in a block as on ONNX
 * Runtime, in any batch and length, and can be trained there.
 */
class ExportedNetworksTest {

    static List<String> names() {
        return ExportedNetworks.names();
    }

    @ParameterizedTest
    @MethodSource("names")
    void runsAsOnOnnxRuntime(String name) {
        Network network = ExportedNetworks.read(name);
        assertAgree(network, 2, 7);
        assertAgree(network, 3, 5);
        assertAgree(network, 1, 11);
    }

    private static void assertAgree(Network network, int batch, int length) {
        Map<String, Tensor> feeds = ExportedNetworks.feeds(network, batch, length);
        Tensor expected;
        try (RuntimeSession session = RuntimeSession.open(network, 1)) {
            expected = session.run(feeds).get("output");
        }
        Tensor got = run(NetworkBlock.of(network), feeds);
        assertThat(got.shape()).isEqualTo(expected.shape());
        assertThat(got.dim(0)).isEqualTo(batch);
        assertThat(got.toFloatArray()).containsExactly(expected.toFloatArray(), within(tolerance(expected)));
    }

    private static Tensor run(NetworkBlock block, Map<String, Tensor> feeds) {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            return Tensors.of(block.forward(new ParameterStore(manager, false), inputs(feeds, manager), false)
                    .head());
        }
    }

    private static NDList inputs(Map<String, Tensor> feeds, NDManager manager) {
        return new NDList(feeds.values().stream()
                .map(feed -> Tensors.toArray(feed, manager))
                .toList());
    }

    /** 1e-5 of the largest output. */
    private static float tolerance(Tensor outputs) {
        float largest = 0;
        for (float value : outputs.toFloatArray()) {
            largest = Math.max(largest, Math.abs(value));
        }
        return 1e-5f * largest;
    }

    @ParameterizedTest
    @MethodSource("names")
    void aStepOfTrainingReachesEveryWeight(String name) {
        Network network = ExportedNetworks.read(name);
        Map<String, Tensor> feeds = ExportedNetworks.feeds(network, 4, 7);
        Network trained;
        try (Model model = Djl.model(network);
                Trainer trainer = model.newTrainer(config());
                NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            NetworkBlock block = (NetworkBlock) model.getBlock();
            try (GradientCollector collector = trainer.newGradientCollector()) {
                NDArray output = trainer.forward(inputs(feeds, manager)).head();
                collector.backward(output.square().mean());
            }
            for (Parameter parameter : block.getParameters().values()) {
                if (parameter.requiresGradient() && !isIdle(network, parameter.getName())) {
                    float size = parameter.getArray().getGradient().abs().sum().getFloat();
                    assertThat(size).as(parameter.getName()).isGreaterThan(0).isFinite();
                }
            }
            trainer.step();
            trained = block.network();
        }
        assertThat(trained.nodes()).isEqualTo(network.nodes());
        assertThat(trained.weights().keySet()).isEqualTo(network.weights().keySet());
        NetworkBlock block = NetworkBlock.of(trained);
        network.weights().forEach((weight, before) -> {
            boolean learned = block.parameter(weight) != null;
            if (!isIdle(network, weight)) {
                assertThat(trained.weight(weight).equals(before)).as(weight).isEqualTo(!learned);
            }
        });
        assertAgree(trained, 2, 6);
    }

    /** Gradients are zero where only comparisons come of a weight, as of masks, and of keys' biases: softmax drops them. */
    private static boolean isIdle(Network network, String weight) {
        boolean mask = network.nodes().stream()
                .filter(node -> node.inputs().contains(weight))
                .allMatch(node -> node.is("Slice") || node.is("ScatterND"));
        return mask || weight.endsWith("key.bias") || weight.endsWith("k_lin.bias");
    }

    private static DefaultTrainingConfig config() {
        return new DefaultTrainingConfig(Loss.l2Loss())
                .optOptimizer(Optimizer.sgd()
                        .setLearningRateTracker(Tracker.fixed(0.1f))
                        .build())
                .optDevices(new Device[] {Device.cpu()});
    }
}
