package pomona.jupyter.magic;

import ai.djl.Model;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.lang.model.SourceVersion;
import pomona.djl.Djl;
import pomona.graph.Network;
import pomona.onnx.Onnx;

/** {@code %network MODEL}: a network from a DJL model or block, or from an ONNX file. */
final class NetworkMagic extends Magic<Network> {

    private static final String NAME = "name";
    private static final String INPUT = "input";

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
                                + " .onnx.xz file")
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
            return Onnx.read(FilePath.of(source));
        }
        Object value = session.value(source);
        if (value instanceof Network network) {
            return network;
        } else if (value instanceof Model model) {
            return input == null ? Djl.network(model) : Djl.network(model.getName(), model.getBlock(), shapes(input));
        } else if (value instanceof Block block) {
            return block(source, block, input);
        } else if (value instanceof Path path) {
            return Onnx.read(path);
        } else if (value instanceof CharSequence path) {
            return Onnx.read(FilePath.of(path.toString()));
        }
        throw new IllegalArgumentException(source + " is " + Types.a(value)
                + ", but it takes a DJL Model or Block, a Network, or the path of an ONNX file.");
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

    /** A text with a slash or an ending is a file; so is one that is no name. */
    private static boolean isFile(String source) {
        boolean looksLikeFile = source.endsWith(".onnx") || source.endsWith(".xz") || source.contains("/");
        boolean expression = source.startsWith("{") || SourceVersion.isName(source);
        return looksLikeFile || !expression;
    }
}
