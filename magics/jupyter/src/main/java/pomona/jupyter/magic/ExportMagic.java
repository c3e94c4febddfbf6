package pomona.jupyter.magic;

import java.nio.file.Path;
import java.util.List;
import pomona.onnx.Onnx;

/** {@code %export NETWORK FILE}: writes a network as an ONNX file and gives back its path. */
final class ExportMagic extends Magic<Path> {

    ExportMagic(Session session) {
        super(session);
    }

    @Override
    MagicCommand command(List<String> words) {
        return new MagicCommand("export", "Writes a network as an ONNX file, which any ONNX runtime can load.")
                .argument("NETWORK", "1", "the variable that holds the network")
                .argument("FILE", "1", "where to; ends in .onnx, or in .onnx.xz for a compressed file");
    }

    @Override
    Path run(List<String> args) {
        MagicArguments given = command(args).parse(args);
        return Onnx.write(network(given.first()), FilePath.of(given.positional().get(1)));
    }
}
