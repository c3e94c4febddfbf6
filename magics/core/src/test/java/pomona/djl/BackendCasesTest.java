package pomona.djl;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.Tensor;

/** Every one of ONNX's own test cases that is made of operators which run on the training engine gives its outputs. */
class BackendCasesTest {

    /** Cases whose outputs are drawn at random, by another generator than the engine's: their masks are checked. */
    private static final Set<String> RANDOM = Set.of(
            "test_training_dropout",
            "test_training_dropout_default",
            "test_training_dropout_default_mask",
            "test_training_dropout_mask");

    /** Sentences that refuse a case for the type of a value, which no array of the engine can hold. */
    private static final List<String> TYPE_REFUSALS =
            List.of(Tensors.PYTORCH_TYPES + ".", " is not a tensor.", "which has no trainable form.");

    /** How many half-precision steps a result may be off: cases of half floats are computed in another order. */
    private static final double HALF_STEPS = 2;

    private final Set<String> covered = new TreeSet<>();
    private final Map<String, Integer> refused = new TreeMap<>();
    private final List<String> failures = new ArrayList<>();
    private int passed;

    @Test
    void givesWhatOnnxSays() {
        Set<String> supported = Operators.names();
        BackendCases.all().forEach(c -> run(c, supported));
        int refusals = refused.values().stream().mapToInt(Integer::intValue).sum();
        int run = passed + failures.size();
        System.out.printf(
                "ONNX %s: %d of %d backend cases of the %d supported operators pass (%.1f %%)%n",
                BackendCases.version(), passed, run, supported.size(), 100.0 * passed / run);
        System.out.println("Refused, by the type that the engine has no arrays of: " + refusals + " " + refused);
        System.out.println("Supported: " + String.join(", ", supported));
        failures.forEach(System.out::println);
        assertThat(failures).isEmpty();
        assertThat(supported).hasSizeGreaterThanOrEqualTo(120);
        Set<String> without = new TreeSet<>(supported);
        without.removeAll(covered);
        // ONNX has no case of it; OperatorsTest compares it with ONNX Runtime.
        assertThat(without).containsExactly("GlobalLpPool");
    }

    private void run(BackendCases.Case c, Set<String> supported) {
        Network network = c.network();
        Set<String> operators = BackendCases.operators(network.graph());
        if (!supported.containsAll(operators)) {
            return;
        }
        try {
            for (BackendCases.Data data : c.data()) {
                check(c.name(), network, data);
            }
            passed++;
            covered.addAll(operators);
        } catch (IllegalArgumentException e) {
            if (TYPE_REFUSALS.stream().noneMatch(e.getMessage()::endsWith)) {
                failures.add(c + ": " + e.getMessage());
                return;
            }
            refused.merge(BackendCases.foreignType(c, network), 1, Integer::sum);
        } catch (RuntimeException | AssertionError e) {
            failures.add(c + ": " + e.toString().replaceAll("\\s+", " "));
        }
    }

    private static void check(String name, Network network, BackendCases.Data data) {
        NetworkBlock block = NetworkBlock.of(network);
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            NDList inputs = new NDList();
            for (Tensor input : data.inputs()) {
                assertThat(input)
                        .as("an input that is no tensor was not refused")
                        .isNotNull();
                inputs.add(Tensors.toArray(input, manager));
            }
            NDList outputs = block.forward(new ParameterStore(manager, false), inputs, false);
            assertThat(outputs).hasSameSizeAs(data.outputs());
            for (int i = 0; i < outputs.size(); i++) {
                Tensor expected = data.outputs().get(i);
                Tensor actual = Tensors.of(outputs.get(i));
                assertThat(actual.toString()).isEqualTo(expected.toString());
                if (!RANDOM.contains(name)) {
                    compare(i, expected, actual, data);
                }
            }
            if (RANDOM.contains(name)) {
                checkDropped(data.inputs(), Tensors.of(outputs.get(0)));
            }
        }
    }

    private static void compare(int output, Tensor expectedTensor, Tensor actualTensor, BackendCases.Data data) {
        float[] expected = expectedTensor.toFloatArray();
        float[] actual = actualTensor.toFloatArray();
        boolean half = expectedTensor.type() == ElementType.FLOAT16;
        double relative = half ? Math.max(data.relative(), HALF_STEPS / 1024) : data.relative();
        for (int i = 0; i < expected.length; i++) {
            double difference = Math.abs((double) expected[i] - actual[i]);
            boolean same = Float.compare(expected[i], actual[i]) == 0
                    || expected[i] == actual[i]
                    || difference <= data.absolute() + relative * Math.abs(expected[i]);
            assertThat(same)
                    .as("output %d, element %d: %s, not %s", output, i, actual[i], expected[i])
                    .isTrue();
        }
    }

    /** What is kept of a dropout is scaled by what is dropped. */
    private static void checkDropped(List<Tensor> inputs, Tensor output) {
        float ratio = inputs.get(1).toFloatArray()[0];
        float[] x = inputs.get(0).toFloatArray();
        float[] y = output.toFloatArray();
        int kept = 0;
        for (int i = 0; i < x.length; i++) {
            boolean scaled = Math.abs(y[i] - x[i] / (1 - ratio)) < 1e-4 * Math.abs(y[i]) + 1e-6;
            assertThat(y[i] == 0 || scaled).as("element %d", i).isTrue();
            kept += y[i] == 0 ? 0 : 1;
        }
        assertThat((double) kept / x.length).isBetween(1 - ratio - 0.25, 1 - ratio + 0.25);
    }
}
