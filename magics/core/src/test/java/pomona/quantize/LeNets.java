package pomona.quantize;

import java.nio.file.Path;
import java.util.List;
import pomona.Networks;
import pomona.djl.IdxDataset;
import pomona.graph.Attribute;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.train.FineTuning;
import pomona.train.Training;

/** LeNet-5 trained for a moment on MNIST, once for all tests. */
final class LeNets {

    static final IdxDataset TRAIN =
            IdxDataset.train(Path.of("../../notebooks/data/mnist")).limit(4000);
    static final IdxDataset TEST = IdxDataset.test(Path.of("../../notebooks/data/mnist"));

    private static Network trained;

    private LeNets() {}

    static synchronized Network trained() {
        if (trained == null) {
            trained = untrained().apply(new FineTuning(TRAIN, Training.epochs(2).withLearningRate(0.003), true));
        }
        return trained;
    }

    private static Network untrained() {
        NetworkBuilder builder = Network.builder("lenet-5").input("x", "batch", 1, 28, 28);
        builder.weight("c1.w", Networks.random(1, 25, 6, 1, 5, 5)).weight("c1.b", Networks.uniform(2, 0, 0.01f, 6));
        builder.weight("c2.w", Networks.random(3, 150, 16, 6, 5, 5)).weight("c2.b", Networks.uniform(4, 0, 0.01f, 16));
        builder.weight("f1.w", Networks.random(5, 256, 80, 256)).weight("f1.b", Networks.uniform(6, 0, 0.01f, 80));
        builder.weight("f2.w", Networks.random(7, 80, 10, 80)).weight("f2.b", Networks.uniform(8, 0, 0.01f, 10));
        return builder.node(Node.of("Conv", "c1", List.of("x", "c1.w", "c1.b"), "c1.out"))
                .node("Relu", List.of("c1.out"), "r1")
                .node(pool("r1", "p1"))
                .node(Node.of("Conv", "c2", List.of("p1", "c2.w", "c2.b"), "c2.out"))
                .node("Relu", List.of("c2.out"), "r2")
                .node(pool("r2", "p2"))
                .node("Flatten", List.of("p2"), "flat")
                .node(Node.of("Gemm", "f1", List.of("flat", "f1.w", "f1.b"), "f1.out")
                        .with("transB", Attribute.of(1)))
                .node("Relu", List.of("f1.out"), "r3")
                .node(Node.of("Gemm", "f2", List.of("r3", "f2.w", "f2.b"), "y").with("transB", Attribute.of(1)))
                .output("y", "batch", 10)
                .build();
    }

    private static Node pool(String from, String to) {
        return Node.of("MaxPool", to, List.of(from), to)
                .with("kernel_shape", Attribute.ofInts(2, 2))
                .with("strides", Attribute.ofInts(2, 2));
    }
}
