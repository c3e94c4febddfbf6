package pomona.safetensors;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import pomona.graph.Tensor;
import pomona.graph.Workshop;

/**
 * Named weights in the safetensors format: one file, or a folder of several with an index.
 *
 * <p>Weights are mapped into memory, and nothing of them is read before they are looked at. Source: the format's
 * published description (huggingface/safetensors, README, section Format), and for folders the index that Hugging Face's
 * libraries write, {@code model.safetensors.index.json}.
 *
 * <pre>{@code
 * Network loaded = network.withWeights(SafeTensors.read(Path.of("model.safetensors")));
 * SafeTensors.write(loaded.weights(), Path.of("copy.safetensors"));
 * }</pre>
 */
public final class SafeTensors {

    private static final String SUFFIX = ".safetensors";

    private SafeTensors() {}

    /**
     * Reads weights, in the order of their places in the file.
     *
     * @param path a {@code .safetensors} file, an index that ends in {@code .json}, or a folder that has an index or one
     *     such file
     * @throws IllegalArgumentException if there is no such file, or it is not a whole safetensors file
     */
    public static Map<String, Tensor> read(Path path) {
        if (Files.isDirectory(path)) {
            return ShardIndex.read(ShardIndex.find(path));
        }
        requireFile(path);
        return path.toString().endsWith(".json")
                ? ShardIndex.read(path)
                : SafeTensorsFile.open(path).tensors();
    }

    private static void requireFile(Path path) {
        if (!Files.isRegularFile(path)) {
            throw new IllegalArgumentException(
                    "There is no file " + path + "; give the path of a .safetensors file or of a folder of them.");
        }
    }

    /** The texts that a file says about itself; empty when it has none. */
    public static Map<String, String> metadata(Path file) {
        requireFile(file);
        return SafeTensorsFile.open(file).metadata();
    }

    /**
     * Writes weights to one file; folders that are missing are made, a file of that name is replaced.
     *
     * @param file where to; ends in {@code .safetensors}
     * @return the file
     * @throws IllegalArgumentException if the name ends in anything else, or a weight is of a type that the format has
     *     not
     */
    public static Path write(Map<String, Tensor> tensors, Path file) {
        return write(tensors, Map.of(), file);
    }

    /** Writes weights and texts about them to one file; see {@link #write(Map, Path)}. */
    public static Path write(Map<String, Tensor> tensors, Map<String, String> metadata, Path file) {
        Objects.requireNonNull(tensors, "tensors");
        if (!file.toString().endsWith(SUFFIX)) {
            throw new IllegalArgumentException(
                    "Weights are written to a file that ends in .safetensors, not to " + file + ".");
        }
        try {
            new SafeTensorsWriter(tensors, metadata).write(file);
            return file;
        } catch (IOException e) {
            throw Workshop.failure(file, e);
        }
    }

    /**
     * Writes weights to several files in a folder, with an index.
     *
     * @param mostBytes how many bytes of weights a file may have; a larger weight has a file of its own
     * @return the folder
     */
    public static Path write(Map<String, Tensor> tensors, Path folder, long mostBytes) {
        if (mostBytes < 1) {
            throw new IllegalArgumentException("mostBytes must be 1 or more; it was " + mostBytes + ".");
        }
        ShardIndex.write(Collections.unmodifiableMap(new LinkedHashMap<>(tensors)), folder, mostBytes);
        return folder;
    }
}
