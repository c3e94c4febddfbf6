package pomona.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.util.List;
import org.junit.jupiter.api.Test;
import pomona.graph.Attribute;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;

class NetworkBlockTest {

    /** A convolution, batch normalization, dropout, pooling and a dense layer: images (batch, 1, 6, 6) to 3 classes. */
    static Network small() {
        return Network.builder("small")
                .input("image", "batch", 1, 6, 6)
                .weight("conv.weight", OperatorsTest.random(1, 4, 1, 3, 3))
                .weight("norm.scale", OperatorsTest.positive(3, 4))
                .weight("norm.shift", OperatorsTest.random(4, 4))
                .weight("norm.mean", OperatorsTest.random(5, 4))
                .weight("norm.variance", OperatorsTest.positive(6, 4))
                .weight("ratio", Tensor.scalar(0.5f))
                .weight("fc.weight", OperatorsTest.random(7, 3, 16))
                .weight("fc.bias", OperatorsTest.random(8, 3))
                .weight("shape", Tensor.ofLongs(new long[] {0, -1}, 2))
                .node("Conv", List.of("image", "conv.weight"), "a")
                .node("BatchNormalization", List.of("a", "norm.scale", "norm.shift", "norm.mean", "norm.variance"), "b")
                .node("Relu", List.of("b"), "c")
                .node(Node.of("MaxPool", "pool", List.of("c"), "d")
                        .with("kernel_shape", Attribute.ofInts(2, 2))
                        .with("strides", Attribute.ofInts(2, 2)))
                .node("Reshape", List.of("d", "shape"), "e")
                .node("Dropout", List.of("e", "ratio"), "f")
                .node(Node.of("Gemm", "fc", List.of("f", "fc.weight", "fc.bias"), "logits")
                        .with("transB", Attribute.of(1)))
                .output("logits", "batch", 3)
                .build();
    }

    @Test
    void givesBackTheNetworkItWasMadeOf() {
        NetworkBlock block = NetworkBlock.of(small());
        assertThat(block.network()).isEqualTo(small());
        try (Model model = Djl.model("small", block)) {
            assertThat(model.getBlock()).isSameAs(block);
            assertThat(block.network()).isEqualTo(small());
        }
    }

    @Test
    void itsParametersAreTheFloatWeights() {
        NetworkBlock block = NetworkBlock.of(small());
        assertThat(block.getParameters().keys())
                .containsExactlyInAnyOrder(
                        "conv.weight",
                        "norm.scale",
                        "norm.shift",
                        "norm.mean",
                        "norm.variance",
                        "fc.weight",
                        "fc.bias");
        assertThat(block.getParameters().values().stream()
                        .filter(p -> !p.requiresGradient())
                        .map(Parameter::getName))
                .containsExactlyInAnyOrder("norm.mean", "norm.variance");
        assertThat(block.parameter("shape")).isNull();
    }

    @Test
    void infersAsOnnxRuntimeDoesAndKnowsItsShapes() {
        Tensor images = OperatorsTest.random(9, 5, 1, 6, 6);
        float[] expected;
        try (RuntimeSession session = RuntimeSession.open(small())) {
            expected = session.run(images).toFloatArray();
        }
        try (Model model = Djl.model(small());
                NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
                Trainer trainer = model.newTrainer(new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                        .optDevices(new Device[] {Device.cpu()}))) {
            NDArray logits = trainer.evaluate(new NDList(Tensors.toArray(images, manager)))
                    .singletonOrThrow();
            assertThat(logits.toFloatArray()).containsExactly(expected, within(1e-5f));
            assertThat(logits.getManager()).isSameAs(manager);
            assertThat(manager.getManagedArrays()).hasSize(2);
            assertThat(model.getBlock().getOutputShapes(new Shape[] {new Shape(7, 1, 6, 6)}))
                    .containsExactly(new Shape(7, 3));
            assertThat(model.describeInput().get("image")).isEqualTo(new Shape(1, 1, 6, 6));
        }
    }

    @Test
    void gradientsReachEveryParameterAndStatisticsMove() {
        try (Model model = Djl.model(small());
                Trainer trainer = model.newTrainer(config());
                NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            trainer.initialize(new Shape(4, 1, 6, 6));
            NDArray images = Tensors.toArray(OperatorsTest.random(9, 4, 1, 6, 6), manager);
            NDArray labels = manager.create(new long[] {0, 1, 2, 1});
            try (GradientCollector collector = trainer.newGradientCollector()) {
                NDList logits = trainer.forward(new NDList(images));
                collector.backward(trainer.getLoss().evaluate(new NDList(labels), logits));
            }
            NetworkBlock block = (NetworkBlock) model.getBlock();
            for (Parameter parameter : block.getParameters().values()) {
                if (parameter.requiresGradient()) {
                    float size = parameter.getArray().getGradient().abs().sum().getFloat();
                    assertThat(size).as(parameter.getName()).isGreaterThan(1e-6f);
                }
            }
            trainer.step();
            Network trained = block.network();
            assertThat(trained.weights().keySet()).isEqualTo(small().weights().keySet());
            small().weights().forEach((name, before) -> {
                boolean kept = name.equals("ratio") || name.equals("shape");
                assertThat(trained.weight(name).equals(before)).as(name).isEqualTo(kept);
            });
            assertThat(trained.nodes()).isEqualTo(small().nodes());
        }
    }

    @Test
    void learnsWithDjlsOwnTrainer() throws Exception {
        Engine.getEngine("PyTorch").setRandomSeed(1);
        try (Model model = Djl.model(small());
                NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            float[] pixels = OperatorsTest.random(11, 60, 1, 6, 6).toFloatArray();
            float[] labels = new float[60];
            for (int i = 0; i < 60; i++) {
                labels[i] = i % 3;
                pixels[i * 36 + 7 * (i % 3) + 7] += 12;
            }
            ArrayDataset data = new ArrayDataset.Builder()
                    .setData(manager.create(pixels, new Shape(60, 1, 6, 6)))
                    .optLabels(manager.create(labels))
                    .setSampling(12, true)
                    .build();
            try (Trainer trainer = model.newTrainer(config())) {
                trainer.initialize(new Shape(12, 1, 6, 6));
                EasyTrain.fit(trainer, 60, data, null);
            }
            Network trained = ((NetworkBlock) model.getBlock()).network();
            try (RuntimeSession session = RuntimeSession.open(trained)) {
                float[] logits =
                        session.run(Tensor.ofFloats(pixels, 60, 1, 6, 6)).toFloatArray();
                assertThat(errors(logits, labels)).isLessThan(6);
            }
        }
    }

    @Test
    void takesConstantNodesAndSeveralInputsAndOutputs() {
        Network network = Network.builder("several")
                .input("a", "n", 2)
                .input("b", "n", 2)
                .node(Node.of("Constant", "k", List.of(), "two").with("value", Attribute.of(Tensor.scalar(2f))))
                .node("Mul", List.of("a", "two"), "twice")
                .node("Add", List.of("twice", "b"), "sum")
                .output("sum", "n", 2)
                .output("twice", "n", 2)
                .output("a", "n", 2)
                .build();
        try (Model model = Djl.model(network);
                NDManager manager = model.getNDManager().newSubManager()) {
            NDList inputs = new NDList(
                    manager.create(new float[] {1, 2}, new Shape(1, 2)),
                    manager.create(new float[] {5, 5}, new Shape(1, 2)));
            NDList outputs =
                    model.getBlock().forward(new ai.djl.training.ParameterStore(manager, false), inputs, false);
            assertThat(outputs.stream().map(NDArray::getName)).containsExactly("sum", "twice", "a");
            assertThat(outputs.get(0).toFloatArray()).containsExactly(7, 9);
            assertThat(outputs.get(1).toFloatArray()).containsExactly(2, 4);
            assertThat(outputs.get(2).toFloatArray()).containsExactly(1, 2);
            assertThat(inputs.get(0).toFloatArray()).containsExactly(1, 2);
            assertThatThrownBy(() -> model.getBlock()
                            .forward(
                                    new ai.djl.training.ParameterStore(manager, false),
                                    new NDList(inputs.get(0)),
                                    false))
                    .hasMessage("Network several takes 2 inputs, a, b; it was given 1.");
        }
    }

    private static DefaultTrainingConfig config() {
        return new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                .optDevices(new Device[] {Device.cpu()})
                .optOptimizer(Optimizer.adam()
                        .optLearningRateTracker(Tracker.fixed(0.01f))
                        .build());
    }

    private static int errors(float[] logits, float[] labels) {
        int errors = 0;
        for (int i = 0; i < labels.length; i++) {
            int best = 0;
            for (int j = 1; j < 3; j++) {
                best = logits[3 * i + j] > logits[3 * i + best] ? j : best;
            }
            errors += best == (int) labels[i] ? 0 : 1;
        }
        return errors;
    }
}
