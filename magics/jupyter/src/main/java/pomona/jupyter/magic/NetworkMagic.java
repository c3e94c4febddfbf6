package pomona.jupyter.magic;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.lang.model.SourceVersion;
import pomona.graph.Network;
import pomona.onnx.Onnx;

/** {@code %network MODEL}: a network from a DJL model or block, or from an ONNX file. */
final class NetworkMagic extends Magic<Network> {

    private static final String NAME = "name";

    NetworkMagic(Session session) {
        super(session);
    }

    private static MagicCommand command() {
        return new MagicCommand("network", "Makes a network of a DJL model, or reads one from an ONNX file.")
                .argument(
                        "MODEL",
                        "1",
                        "a variable that holds a DJL model, a network or a path, or the path of an .onnx or .onnx.xz"
                                + " file")
                .option(NAME, "NAME", "what to call the network");
    }

    @Override
    String help() {
        return command().usage();
    }

    @Override
    Network run(List<String> args) {
        MagicArguments given = command().parse(args);
        Network network = read(given.first());
        String name = given.options().get(NAME);
        return name == null ? network : network.named(name);
    }

    private Network read(String source) {
        if (isFile(source)) {
            return Onnx.read(FilePath.of(source));
        }
        Object value = session.value(source);
        if (value instanceof Network network) {
            return network;
        } else if (value instanceof Path path) {
            return Onnx.read(path);
        } else if (value instanceof CharSequence path) {
            return Onnx.read(FilePath.of(path.toString()));
        }
        throw new IllegalArgumentException(source + " is " + Types.a(value)
                + ", but it takes a DJL Model, a Network, or the path of an ONNX file.");
    }

    /** A text with a slash or an ending is a file; so is one that is no name. */
    private static boolean isFile(String source) {
        boolean looksLikeFile = source.endsWith(".onnx") || source.endsWith(".xz") || source.contains("/");
        boolean expression = source.startsWith("{") || SourceVersion.isName(source);
        return looksLikeFile || !expression || Files.exists(FilePath.of(source));
    }
}
