package pomona.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import pomona.graph.Network;
import pomona.graph.Tensor;

/** The resource lsq.json was made by lsq.py beside it. */
class StraightThroughTest {

    static Stream<JsonNode> cases() throws IOException {
        try (InputStream file = StraightThroughTest.class.getResourceAsStream("lsq.json")) {
            return StreamSupport.stream(new ObjectMapper().readTree(file).spliterator(), false);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void stepsAreLearnedAsInPyTorch(JsonNode judge) {
        float[][] rows = new ObjectMapper().convertValue(judge.get("value"), float[][].class);
        float[] step = new ObjectMapper().convertValue(judge.get("step"), float[].class);
        Network network = Network.builder("lattice")
                .input("factor", rows.length, rows[0].length)
                .weight("value", Tensor.ofFloats(flat(judge.get("value")), rows.length, rows[0].length))
                .weight("step", Tensor.ofFloats(step, step.length))
                .node(StraightThrough.quantize(
                        "value",
                        "step",
                        judge.get("low").asInt(),
                        judge.get("high").asInt(),
                        judge.get("axis").asInt(),
                        judge.get("records").asBoolean(),
                        "placed"))
                .node("Mul", java.util.List.of("placed", "factor"), "y")
                .output("y", rows.length, rows[0].length)
                .output("placed", rows.length, rows[0].length)
                .build();
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            NetworkBlock block = NetworkBlock.of(network);
            block.initialize(manager);
            NDArray factor = manager.create(flat(judge.get("factor"))).reshape(rows.length, rows[0].length);
            try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
                NDList outputs = block.forward(new ParameterStore(manager, false), new NDList(factor), true);
                // Not a number off: these are the numbers that a quantized network computes with.
                assertThat(outputs.get(1).toFloatArray()).isEqualTo(flat(judge.get("output")));
                collector.backward(outputs.get(0).sum());
            }
            assertThat(gradient(block, "value")).containsExactly(flat(judge.get("ofValue")), within(1e-6f));
            assertThat(gradient(block, "step")).containsExactly(flat(judge.get("ofStep")), within(2e-5f));
        }
    }

    @Test
    void constantsCanBeChangedBetweenSteps() {
        Network network = Network.builder("top")
                .input("x", 4)
                .weight("weight", Tensor.ofFloats(new float[] {1, 2, 3, 0}, 4))
                .weight("scores", Tensor.ofFloats(new float[] {5, -1, 2, 9}, 4))
                .weight("removed", Tensor.ofLongs(new long[] {2}))
                .node(StraightThrough.top("weight", "scores", "removed", "kept"))
                .node("Add", java.util.List.of("x", "kept"), "y")
                .output("y", 4)
                .build();
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            NetworkBlock block = NetworkBlock.of(network);
            block.initialize(manager);
            NDList zeros = new NDList(manager.create(new float[4]));
            ParameterStore store = new ParameterStore(manager, false);
            assertThat(block.forward(store, zeros, false).head().toFloatArray()).containsExactly(1, 0, 3, 0);
            block.load(Map.of("removed", Tensor.ofLongs(new long[] {3})));
            assertThat(block.forward(store, zeros, false).head().toFloatArray()).containsExactly(1, 0, 0, 0);
        }
    }

    private static float[] gradient(NetworkBlock block, String weight) {
        return block.parameter(weight).getArray().getGradient().toFloatArray();
    }

    private static float[] flat(JsonNode numbers) {
        if (!numbers.get(0).isArray()) {
            return new ObjectMapper().convertValue(numbers, float[].class);
        }
        float[][] rows = new ObjectMapper().convertValue(numbers, float[][].class);
        float[] flat = new float[rows.length * rows[0].length];
        for (int i = 0; i < flat.length; i++) {
            flat[i] = rows[i / rows[0].length][i % rows[0].length];
        }
        return flat;
    }
}
