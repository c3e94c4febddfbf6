package pomona.torchscript;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.graph.Value;
import pomona.graph.Workshop;

/**
 * TorchScript models ({@code .pt}, made by {@code torch.jit.trace} or {@code torch.jit.script} and saved): their named
 * weights, which can be replaced, and the code of traced ones as networks. PyTorch is not needed.
 *
 * <pre>{@code
 * Network network = TorchScript.read(Path.of("resnet.pt"), Value.of("image", ElementType.FLOAT, "batch", 3, 224, 224));
 * Network pruned = network.apply(new MagnitudePruning(0.9));
 * TorchScript.write(Path.of("resnet.pt"), pruned.weights(), Path.of("pruned.pt"));
 * }</pre>
 */
public final class TorchScript {

    private TorchScript() {}

    /**
     * The parameters and buffers of a model by their names, mapped into memory; also those of a state dictionary that
     * {@code torch.save} wrote.
     *
     * @throws IllegalArgumentException if there is no such file, or it is not a TorchScript model
     */
    public static Map<String, Tensor> weights(Path file) {
        return reading(file, model -> {
            Map<String, Tensor> weights = new LinkedHashMap<>();
            model.root().tensors().forEach((name, place) -> weights.put(name, model.tensor(place)));
            return Collections.unmodifiableMap(weights);
        });
    }

    /**
     * Copies a model with some weights replaced; its code stays as it is.
     *
     * @param source the model
     * @param weights the new values, of the same types and shapes; names that the model has not are left out, since a
     *     network can have weights that were constants of the code
     * @param target where to; folders that are missing are made, a file of that name is replaced
     * @return the target
     * @throws IllegalArgumentException if no weight of the model is among those given, or one has another type or shape
     */
    public static Path write(Path source, Map<String, Tensor> weights, Path target) {
        return reading(source, model -> {
            try {
                new WeightPatch(model, weights).write(source, target);
                return target;
            } catch (IOException e) {
                throw Workshop.failure(target, e);
            }
        });
    }

    /**
     * Makes a network of a traced model. Its weights have the names they have in PyTorch.
     *
     * @param file the model
     * @param inputs the names, types and shapes of its inputs, which an archive does not tell; sizes that vary are symbols
     * @throws IllegalArgumentException if the code does what no operator does, or branches or loops; the message names the
     *     file of the code and the line
     */
    public static Network read(Path file, Value... inputs) {
        String name = file.getFileName().toString().replaceFirst("\\.[^.]*$", "");
        return reading(file, model -> {
            if (!model.hasCode()) {
                throw new IllegalArgumentException(file + " can not become a network: it holds weights alone, as"
                        + " torch.save writes them, and no code; save torch.jit.trace(model, example) instead.");
            }
            return new Translation(name, model).translate(inputs);
        });
    }

    private interface Reading<T> {
        T of(ScriptModel model);
    }

    private static <T> T reading(Path file, Reading<T> reading) {
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException("There is no file " + file + "; give the path of a .pt file.");
        }
        ScriptModel model;
        try {
            model = ScriptModel.open(file);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + " is not a TorchScript model: " + e.getMessage());
        }
        try {
            return reading.of(model);
        } catch (Refusal e) {
            throw new IllegalArgumentException(file + " can not become a network: " + e.getMessage());
        }
    }
}
