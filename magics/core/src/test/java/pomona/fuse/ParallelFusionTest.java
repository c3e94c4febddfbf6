package pomona.fuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import pomona.djl.RuntimeSession;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Step;
import pomona.graph.Tensor;

class ParallelFusionTest {

    private static Tensor random(Random random, long... shape) {
        float[] values = new float[(int) (shape[0] * shape[1])];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return Tensor.ofFloats(values, shape);
    }

    /** Two linear layers; widths and value names differ between members. */
    private static NetworkBuilder member(String name, long width, long seed) {
        Random random = new Random(seed);
        return Network.builder(name)
                .input("in_" + name, "batch", 6)
                .weight("w1", random(random, 6, width))
                .weight("w2", random(random, width, 3))
                .node("MatMul", List.of("in_" + name, "w1"), "h")
                .node("Relu", List.of("h"), "r")
                .node("MatMul", List.of("r", "w2"), "y_" + name)
                .output("y_" + name, "batch", 3);
    }

    private static float[] run(Network network, Tensor x) {
        String in = network.signature().inputs().get(0).name();
        try (RuntimeSession session = RuntimeSession.open(network, 1)) {
            return session.run(Map.of(in, x)).values().iterator().next().toFloatArray();
        }
    }

    @Test
    void givesTheWeightedMeanOfItsMembers() {
        Network a = member("a", 4, 1).build().withStep(new Step("Trained", Map.of()));
        Network b = member("b", 5, 2).build();
        Network c = member("c", 2, 3).build();
        Tensor x = random(new Random(9), 7, 6);

        Network fused = a.apply(new ParallelFusion(List.of(b, c), List.of(2.0, 1.0, 1.0)));

        float[] ya = run(a, x);
        float[] yb = run(b, x);
        float[] yc = run(c, x);
        float[] y = run(fused, x);
        assertThat(y).hasSize(21);
        for (int i = 0; i < y.length; i++) {
            assertThat(y[i]).isCloseTo(0.5f * ya[i] + 0.25f * yb[i] + 0.25f * yc[i], within(1e-5f));
        }
        assertThat(fused.name()).isEqualTo("a_x3");
        assertThat(fused.signature()).hasToString("(in_a float[batch,6]) -> (y_a float[batch,3])");
        assertThat(fused.parameters()).isEqualTo(a.parameters() + b.parameters() + c.parameters());
        assertThat(fused.provenance())
                .hasToString("[Trained(), ParallelFusion(peers=[b, c], weights=[2.0, 1.0, 1.0])]");
    }

    @Test
    void fusesANetworkWithItself() {
        Network a = member("a", 4, 1).build();
        Tensor x = random(new Random(9), 2, 6);

        assertThat(run(a.apply(new ParallelFusion(List.of(a))), x)).containsExactly(run(a, x), within(1e-6f));
    }

    @Test
    void refusesWhatDoesNotFit() {
        Network a = member("a", 4, 1).build();
        Network wide = member("wide", 4, 1).build().toBuilder()
                .outputs(List.of(pomona.graph.Value.of("y_wide", pomona.graph.ElementType.FLOAT, "batch", 4)))
                .build();
        Network old = member("old", 4, 1).opset("", 13).build();

        assertThatThrownBy(() -> a.apply(new ParallelFusion(List.of(wide))))
                .hasMessage("Network wide has the outputs [y_wide float[batch,4]], but a has [y_a float[batch,3]];"
                        + " fused networks agree in type and shape.");
        assertThatThrownBy(() -> a.apply(new ParallelFusion(List.of(old))))
                .hasMessage("Network old is written in operator set 13, but a in 17; fused networks share one.");
        assertThatThrownBy(() -> new ParallelFusion(List.of()))
                .hasMessage("peers is empty; parallel fusion takes at least one peer.");
        assertThatThrownBy(() -> new ParallelFusion(List.of(a), List.of(1.0)))
                .hasMessage("weights has 1 shares for 2 networks; give one for each, or none for equal shares.");
        assertThatThrownBy(() -> new ParallelFusion(List.of(a), List.of(1.0, -1.0)))
                .hasMessage("weights has the share -1.0; a share is a number above 0.");
    }
}
