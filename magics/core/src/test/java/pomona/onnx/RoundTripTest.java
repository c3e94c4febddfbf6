package pomona.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.ModelProto;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pomona.Python;
import pomona.graph.Network;

/** What is read and written again is the same message, field by field, for every model of ONNX's own tests. */
class RoundTripTest {

    /** Also texts that are no UTF-8, empty lists, fields that no version of ONNX knows, and all in sub-graphs. */
    @Property(tries = 300)
    void everyFieldSurvives(@ForAll long seed) throws Exception {
        ModelProto before = new RandomModels(seed).model();
        Network network = Onnx.read(before.toByteArray(), "random.onnx");
        byte[] written = Onnx.bytes(network);
        assertThat(ModelProto.parseFrom(written)).isEqualTo(before);
        assertThat(Onnx.read(written, "random.onnx")).isEqualTo(network);
    }

    @Test
    void everyModelOfOnnxSurvives(@TempDir Path folder) throws Exception {
        Python.run("backend_models.py", folder);
        List<Path> files;
        try (Stream<Path> listed = Files.list(folder)) {
            files = listed.sorted().toList();
        }
        List<String> changed = new ArrayList<>();
        TreeMap<Long, Integer> opsets = new TreeMap<>();
        for (Path file : files) {
            ModelProto before = ModelProto.parseFrom(Files.readAllBytes(file));
            try {
                Network network = Onnx.read(file);
                opsets.merge(network.opset(), 1, Integer::sum);
                byte[] written = Onnx.bytes(network);
                if (!ModelProto.parseFrom(written).equals(before)
                        || !Onnx.read(written, network.name()).equals(network)) {
                    changed.add(file.getFileName().toString());
                }
            } catch (RuntimeException e) {
                changed.add(file.getFileName() + ": " + e);
            }
        }
        System.out.printf("%d models read, written and read again; by operator set: %s%n", files.size(), opsets);
        assertThat(files).hasSizeGreaterThan(2000);
        assertThat(opsets.keySet()).contains(7L, 8L, 9L, 10L, 11L, 13L, 17L, 21L, 22L);
        assertThat(changed).isEmpty();
    }
}
