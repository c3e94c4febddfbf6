package pomona.jupyter.magic;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.lang.model.SourceVersion;
import pomona.djl.Djl;
import pomona.graph.Network;
import pomona.onnx.Onnx;

/** {@code %network MODEL}: a network from a DJL model or block, or from an ONNX file. */
final class NetworkMagic extends Magic<Network> {

    private static final String NAME = "name";
    private static final String INPUT = "input";

    private static final String OTHER_FILE =
            " is not an ONNX file; %network reads .onnx and .onnx.xz files, and folders"
                    + " with one of them; of others, TorchScript.read makes a network of a .pt file, and SafeTensors.read gives the"
                    + " weights of a .safetensors file.";

    NetworkMagic(Session session) {
        super(session);
    }

    @Override
    MagicCommand command(List<String> words) {
        return new MagicCommand("network", "Makes a network of a DJL model or block, or reads one from an ONNX file.")
                .argument(
                        "MODEL",
                        "1",
                        "a variable that holds a DJL model, a block, a network or a path; or the path of an .onnx or"
                                + " .onnx.xz file, or of a folder with one such file")
                .option(
                        INPUT,
                        "SHAPE",
                        "the shape of a model's or block's input, such as 1,784, when it does not know it; several are"
                                + " separated by semicolons")
                .option(NAME, "NAME", "what to call the network");
    }

    @Override
    Network run(List<String> args) {
        MagicArguments given = command(args).parse(args);
        Network network = read(given.first(), given.options().get(INPUT));
        String name = given.options().get(NAME);
        return name == null ? network : network.named(name);
    }

    private Network read(String source, String input) {
        if (isFile(source)) {
            return read(FilePath.of(source));
        }
        Object value = session.value(source);
        if (value instanceof Network network) {
            return network;
        } else if (value instanceof Model model) {
            return input == null ? Djl.network(model) : Djl.network(model.getName(), model.getBlock(), shapes(input));
        } else if (value instanceof Block block) {
            return block(source, block, input);
        } else if (value instanceof Path path) {
            return read(path);
        } else if (value instanceof CharSequence path) {
            return read(FilePath.of(path.toString()));
        }
        throw new IllegalArgumentException(source + " is " + Types.a(value)
                + ", but it takes a DJL Model or Block, a Network, or the path of an ONNX file.");
    }

    /** A folder, such as one for DJL, stands for the one network in it. */
    private static Network read(Path path) {
        try {
            return Onnx.read(Files.isDirectory(path) ? only(path) : path);
        } catch (IllegalArgumentException e) {
            if (isOnnx(path.toString()) || !Files.isRegularFile(path)) {
                throw e;
            }
            throw new IllegalArgumentException(path + OTHER_FILE, e);
        }
    }

    private static Path only(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> networks = files.filter(file -> isOnnx(file.toString())).toList();
            if (networks.size() == 1) {
                return networks.get(0);
            }
            throw new IllegalArgumentException("Folder " + folder + " has " + networks.size()
                    + " files that end in .onnx or .onnx.xz; give the path of one of them.");
        } catch (IOException e) {
            throw new UncheckedIOException(folder + " can not be read: " + e + ".", e);
        }
    }

    private static Network block(String source, Block block, String input) {
        if (input == null && !block.isInitialized()) {
            throw new IllegalArgumentException(
                    source + " is a block without parameters yet; initialize or train it first.");
        }
        String name = SourceVersion.isName(source) ? source : block.getClass().getSimpleName();
        return Djl.network(name, block, input == null ? block.getInputShapes() : shapes(input));
    }

    /** Shapes such as {@code 1,784} or {@code (batch, 1, 28, 28)}; what is no number is the batch. */
    private static Shape[] shapes(String text) {
        return Arrays.stream(text.split(";"))
                .map(shape ->
                        new Shape(Arrays.stream(shape.replaceAll("[()\\s]", "").split("[,x]"))
                                .mapToLong(size -> size(size, text))
                                .toArray()))
                .toArray(Shape[]::new);
    }

    private static long size(String size, String text) {
        if (size.equals("batch") || size.equals("?")) {
            return 1;
        }
        try {
            return Long.parseLong(size);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "input is " + text + "; it takes numbers with commas, such as 1,784.", e);
        }
    }

    private static boolean isOnnx(String file) {
        return file.endsWith(".onnx") || file.endsWith(".xz");
    }

    /** A text with a slash or an ending is a file; so is one that is no name. A variable may be called as a folder is. */
    private static boolean isFile(String source) {
        boolean there = source.contains(".") && !source.startsWith("{") && Files.exists(FilePath.of(source));
        boolean looksLikeFile = isOnnx(source) || source.contains("/") || there;
        boolean expression = source.startsWith("{") || SourceVersion.isName(source);
        return looksLikeFile || !expression;
    }
}
