package pomona.onnx;

import ai.onnx.proto.OnnxMl.ModelProto;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import pomona.graph.Attribute;
import pomona.graph.Graph;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.graph.Value;
import pomona.graph.Workshop;

/** A file to write a network to: everything is made beside it, read back, and moved at the end. */
final class ModelFile {

    /** What the file of external data is called after the model's own name. */
    static final String DATA_SUFFIX = ".data";

    /** Weights up to this many bytes together are compared when the file is read back; of more, only the places. */
    private static final long COMPARED = 256L << 20;

    private final Path file;
    private final String name;
    private final LongConsumer progress;

    ModelFile(Path file) {
        this(file, bytes -> {});
    }

    /** @param progress is told how many bytes more of a compressed file were compressed */
    ModelFile(Path file, LongConsumer progress) {
        this.file = file;
        this.progress = progress;
        this.name = file.getFileName().toString();
    }

    /** Writes the network with its weights in external data, or, when that is null, in the file itself. */
    Path write(Network network, ExternalData data) {
        ModelProto model = data == null ? ModelWriter.write(network) : ModelWriter.write(network, data);
        try (Workshop workshop = Workshop.beside(file)) {
            make(model, data, workshop, network);
            publish(workshop, data != null);
            return file;
        } catch (IOException e) {
            throw Workshop.failure(file, e);
        }
    }

    private void make(ModelProto model, ExternalData data, Workshop workshop, Network network) throws IOException {
        if (data != null) {
            data.write(workshop.resolve(name + DATA_SUFFIX));
        }
        Path made = workshop.resolve(name);
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(made), 1 << 16);
                OutputStream coded = Onnx.isCompressed(made) ? new ByteCount(progress, Compressed.write(out)) : out) {
            model.writeTo(coded);
        }
        if (!isSame(network, Onnx.read(made, file.toString()))) {
            throw new IOException("what was read back is not what was written");
        }
    }

    /** A whole comparison reads every weight once more; of large networks the names, types and sizes must do. */
    private static boolean isSame(Network network, Network readBack) {
        Map<String, Tensor> weights = readBack.weights();
        boolean nodes = network.nodes().equals(readBack.nodes())
                || bare(network.nodes()).equals(bare(readBack.nodes()));
        if (!nodes || !network.weights().keySet().equals(weights.keySet())) {
            return false;
        }
        long bytes = weights.values().stream().mapToLong(Tensor::bytes).sum();
        return network.weights().entrySet().stream().allMatch(entry -> {
            Tensor other = weights.get(entry.getKey());
            return bytes <= COMPARED
                    ? entry.getValue().equals(other)
                    : entry.getValue().toString().equals(other.toString());
        });
    }

    /** The operators without what a file says of values in sub-graphs beyond type and shape, which no builder knows. */
    private static List<Node> bare(List<Node> nodes) {
        List<Node> bare = new ArrayList<>();
        for (Node node : nodes) {
            Node changed = node;
            for (Map.Entry<String, Attribute> attribute : node.attributes().entrySet()) {
                if (attribute.getValue() instanceof Attribute.Subgraph inner) {
                    changed = changed.with(attribute.getKey(), new Attribute.Subgraph(bare(inner.value())));
                }
            }
            bare.add(changed);
        }
        return bare;
    }

    private static Graph bare(Graph graph) {
        return new Graph(
                graph.name(),
                bareValues(graph.inputs()),
                bareValues(graph.outputs()),
                bare(graph.nodes()),
                graph.weights(),
                bareValues(graph.values()),
                graph.extra());
    }

    private static List<Value> bareValues(List<Value> values) {
        return values.stream().map(value -> value.named(value.name())).toList();
    }

    /** A model with another's data is worse than none: the old model goes before its data does. */
    private void publish(Workshop workshop, boolean external) throws IOException {
        if (external) {
            if (Files.exists(workshop.target(name + DATA_SUFFIX))) {
                Files.deleteIfExists(workshop.target(name));
            }
            workshop.publish(name + DATA_SUFFIX);
        }
        workshop.publish(name);
    }
}
