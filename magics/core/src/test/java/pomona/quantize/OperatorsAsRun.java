package pomona.quantize;

import ai.djl.engine.Engine;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.onnx.Onnx;

/** The operators that ONNX Runtime really runs, after all its fusions. */
final class OperatorsAsRun {

    private OperatorsAsRun() {}

    static List<String> of(Network network, Path folder) throws OrtException, IOException {
        return optimized(network, folder).nodes().stream().map(Node::op).toList();
    }

    /** Those in branches and bodies too. */
    static List<String> everywhere(Network network, Path folder) throws OrtException, IOException {
        return InnerGraph.of(optimized(network, folder)).stream()
                .flatMap(graph -> graph.graph().nodes().stream())
                .map(Node::op)
                .toList();
    }

    private static Network optimized(Network network, Path folder) throws OrtException, IOException {
        // DJL's engine makes ONNX Runtime's environment with its own settings, and fails for good where one exists.
        Engine.getEngine("OnnxRuntime");
        Path optimized = folder.resolve("optimized.onnx");
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.EXTENDED_OPT);
            options.setOptimizedModelFilePath(optimized.toString());
            OrtEnvironment.getEnvironment()
                    .createSession(Onnx.bytes(network), options)
                    .close();
        }
        return Onnx.read(optimized);
    }
}
