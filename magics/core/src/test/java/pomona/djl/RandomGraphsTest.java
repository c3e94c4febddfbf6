package pomona.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import java.util.HashSet;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import pomona.Networks;
import pomona.graph.Network;
import pomona.graph.Tensor;

/** Graphs of all kinds of operators put together at random give the same on both engines. */
class RandomGraphsTest {

    @Property(tries = 100)
    void bothEnginesAgree(@ForAll long seed, @ForAll @IntRange(min = 1, max = 16) int operations) {
        Network network = RandomGraphs.random(seed, operations);
        NetworkBlock block = NetworkBlock.of(network);
        try (RuntimeSession session = RuntimeSession.open(network, 1);
                NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            for (int batch : new int[] {3, 1}) {
                Tensor input = Networks.uniform(seed + batch, -1, 1, batch, 4, 6);
                Tensor expected = session.run(input);
                Tensor got = run(block, input, manager);
                assertThat(got.shape()).isEqualTo(expected.shape());
                assertThat(got.toFloatArray()).containsExactly(expected.toFloatArray(), within(tolerance(expected)));
            }
        }
    }

    private static Tensor run(NetworkBlock block, Tensor input, NDManager manager) {
        NDList inputs = new NDList(Tensors.toArray(input, manager));
        return Tensors.of(
                block.forward(new ParameterStore(manager, false), inputs, false).singletonOrThrow());
    }

    private static float tolerance(Tensor outputs) {
        float largest = 1;
        for (float value : outputs.toFloatArray()) {
            largest = Math.max(largest, Math.abs(value));
        }
        return 5e-5f * largest;
    }

    @Test
    void theGraphsAreOfAllKinds() {
        Set<String> ops = new HashSet<>();
        for (int seed = 0; seed < 200; seed++) {
            RandomGraphs.random(seed, 16).nodes().forEach(node -> ops.add(node.op()));
        }
        assertThat(ops)
                .hasSizeGreaterThan(55)
                .contains("Gemm", "MatMul", "LayerNormalization", "Softmax", "LSTM", "GRU", "RNN", "Einsum", "Conv")
                .contains(
                        "ReduceMax", "ReduceSum", "Gather", "Concat", "Reshape", "Transpose", "Slice", "Pad", "Split");
    }
}
