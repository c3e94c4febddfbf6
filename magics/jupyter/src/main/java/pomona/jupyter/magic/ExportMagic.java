package pomona.jupyter.magic;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import pomona.djl.Djl;
import pomona.graph.Network;
import pomona.onnx.Onnx;
import pomona.pass.Progress;
import pomona.safetensors.SafeTensors;

/** {@code %export NETWORK FILE}: writes a network in the form that the file's name says, and gives back its path. */
final class ExportMagic extends Magic<Path> {

    /** Compressing this much takes seconds: then it is shown how far it is. */
    private static final long LARGE = 16L << 20;

    ExportMagic(Session session) {
        super(session);
    }

    @Override
    MagicCommand command(List<String> words) {
        return new MagicCommand(
                        "export",
                        "Writes a network as an ONNX file, which any ONNX runtime can load; its weights as safetensors; or a"
                                + " model folder for DJL.")
                .argument("NETWORK", "1", "the variable that holds the network")
                .argument(
                        "FILE",
                        "1",
                        "where to; ends in .onnx, in .onnx.xz for a compressed file, in .safetensors for the weights alone,"
                                + " or in / for a folder that DJL and DJL Serving load");
    }

    @Override
    Path run(List<String> args) {
        MagicArguments given = command(args).parse(args);
        Network network = network(given.first());
        String target = given.positional().get(1);
        Path path = FilePath.of(target);
        if (target.endsWith(".safetensors")) {
            return SafeTensors.write(network.weights(), path);
        } else if (target.endsWith("/") || Files.isDirectory(path)) {
            return Djl.write(network, path);
        } else if (!target.endsWith(".onnx") && !target.endsWith(".onnx.xz")) {
            throw new IllegalArgumentException("%export writes files that end in .onnx, .onnx.xz or .safetensors, and a"
                    + " folder for DJL when the path ends in /; it was given " + target + ".");
        }
        return target.endsWith(".xz") ? compressed(network, path) : Onnx.write(network, path);
    }

    private static Path compressed(Network network, Path path) {
        long bytes = Onnx.size(network);
        if (bytes < LARGE) {
            return Onnx.write(network, path);
        }
        try (Progress progress = Progress.start("write " + path.getFileName(), bytes)) {
            return Onnx.write(network, path, more -> progress.advance(more, ""));
        }
    }
}
