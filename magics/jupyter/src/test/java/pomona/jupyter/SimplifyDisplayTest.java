package pomona.jupyter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.dflib.jjava.jupyter.kernel.display.mime.MIMEType;
import org.junit.jupiter.api.Test;
import pomona.graph.Network;

class SimplifyDisplayTest {

    @Test
    void saysHowManyOperatorsAreLeftAndWhichPassesDidIt() throws Exception {
        Network lenet = Networks.classifier("lenet", 1);
        Network cluttered = lenet.named("cluttered").toBuilder()
                .node("Relu", List.of(lenet.outputs().get(0).name()), "unused")
                .node("Relu", List.of("unused"), "unused2")
                .build();
        int few = lenet.nodes().size();
        try (TestKernel kernel = new TestKernel()) {
            kernel.variables.put("lenet", lenet);
            kernel.variables.put("cluttered", cluttered);

            assertThat(shown(kernel, "cluttered"))
                    .isEqualTo("cluttered: " + (few + 2) + " -> " + few + " operators, by DeadNodeElimination (-2)");
            assertThat(shown(kernel, "cluttered", "--method", "dead-node-elimination"))
                    .isEqualTo("cluttered: " + (few + 2) + " -> " + few + " operators");
            assertThat(shown(kernel, "lenet")).isEqualTo("lenet: " + few + " operators, nothing changed");
            assertThat(shown(kernel, "lenet", "--method", "opset-upgrade", "--opset", "18"))
                    .isEqualTo("lenet: " + few + " operators, opset 17 -> 18");
        }
    }

    private static String shown(TestKernel kernel, String... line) throws Exception {
        kernel.displays.clear();
        kernel.magic("simplify", line);
        assertThat(kernel.displays).hasSize(1);
        return kernel.displays.get(0).getData(MIMEType.TEXT_PLAIN).toString();
    }
}
