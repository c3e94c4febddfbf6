package pomona.evaluate;

import pomona.graph.Network;
import pomona.onnx.Onnx;
import pomona.pass.Progress;

/**
 * The size of a network as a file.
 *
 * @param plain bytes as {@code .onnx}, with the file of weights beside it where the network needs one
 * @param compressed bytes as {@code .onnx.xz}, or of both files compressed together
 */
record FileSize(long plain, long compressed) {

    /** Compressing this much takes seconds: then it is shown how far it is. */
    private static final long LARGE = 16L << 20;

    static FileSize of(Network network) {
        long plain = Onnx.size(network);
        if (plain < LARGE) {
            return new FileSize(plain, Onnx.compressedSize(network, bytes -> stopIfInterrupted(network)));
        }
        try (Progress progress = Progress.start("compress " + network.name(), plain)) {
            long compressed = Onnx.compressedSize(network, bytes -> {
                stopIfInterrupted(network);
                progress.advance(bytes, "");
            });
            return new FileSize(plain, compressed);
        }
    }

    private static void stopIfInterrupted(Network network) {
        FedBatch.stopIfInterrupted("Compressing network " + network.name());
    }
}
