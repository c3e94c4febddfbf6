package pomona.onnx;

import ai.onnx.proto.OnnxMl.ModelProto;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import pomona.graph.Network;
import pomona.graph.Tensor;

/** A file to write a network to: everything is made in a folder beside it, read back, and moved at the end. */
final class ModelFile {

    /** What the file of external data is called after the model's own name. */
    static final String DATA_SUFFIX = ".data";

    /** Weights up to this many bytes together are compared when the file is read back; of more, only the places. */
    private static final long COMPARED = 256L << 20;

    private final Path file;
    private final Path target;
    private final String name;

    ModelFile(Path file) {
        this.file = file;
        this.target = file.toAbsolutePath();
        this.name = target.getFileName().toString();
    }

    /** Writes the network with its weights in external data, or, when that is null, in the file itself. */
    Path write(Network network, ExternalData data) {
        ModelProto model = data == null ? ModelWriter.write(network) : ModelWriter.write(network, data);
        try {
            Files.createDirectories(target.getParent());
            // Not createTempDirectory: its files are for their owner alone, and the network may be for others.
            Path workshop = target.resolveSibling("." + name + "." + UUID.randomUUID() + ".part");
            Files.createDirectory(workshop);
            try {
                make(model, data, workshop, network);
                move(workshop, data != null);
            } finally {
                delete(workshop);
            }
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(
                    file + " can not be written: " + e.getClass().getSimpleName() + ": " + e.getMessage() + ".", e);
        }
    }

    private void make(ModelProto model, ExternalData data, Path workshop, Network network) throws IOException {
        if (data != null) {
            data.write(workshop.resolve(name + DATA_SUFFIX));
        }
        Path made = workshop.resolve(name);
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(made), 1 << 16);
                OutputStream coded = Onnx.isCompressed(made) ? Compressed.write(out) : out) {
            model.writeTo(coded);
        }
        if (!isSame(network, Onnx.read(made, file.toString()))) {
            throw new IOException("what was read back is not what was written");
        }
    }

    /** A whole comparison reads every weight once more; of large networks the names, types and sizes must do. */
    private static boolean isSame(Network network, Network readBack) {
        Map<String, Tensor> weights = readBack.weights();
        if (!network.nodes().equals(readBack.nodes())
                || !network.weights().keySet().equals(weights.keySet())) {
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

    /** A model that has lost its data, or has another's, is worse than none: the old model goes before its data does. */
    private void move(Path workshop, boolean external) throws IOException {
        Path data = target.resolveSibling(name + DATA_SUFFIX);
        if (external) {
            if (Files.exists(data)) {
                Files.deleteIfExists(target);
            }
            move(workshop.resolve(name + DATA_SUFFIX), data);
        }
        move(workshop.resolve(name), target);
    }

    private static void move(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path leftover : files.toList()) {
                Files.deleteIfExists(leftover);
            }
        }
        Files.delete(folder);
    }
}
