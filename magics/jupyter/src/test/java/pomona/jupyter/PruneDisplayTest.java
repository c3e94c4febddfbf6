package pomona.jupyter;

import static org.assertj.core.api.Assertions.assertThat;

import org.dflib.jjava.jupyter.kernel.display.mime.MIMEType;
import org.junit.jupiter.api.Test;
import pomona.graph.Network;

class PruneDisplayTest {

    @Test
    void pruningShowsWhatIsLeftOfEveryLayer() throws Exception {
        try (TestKernel kernel = new TestKernel()) {
            kernel.variables.put("lenet", Networks.classifier("lenet", 1));
            Network pruned = (Network) kernel.magic("prune", "lenet", "--sparsity", "0.5");
            assertThat(pruned.provenance()).hasSize(1);
            assertThat(kernel.displays).hasSize(2);
            assertThat(kernel.displays.get(0).getData(MIMEType.TEXT_PLAIN).toString())
                    .startsWith("pruning of lenet\n\nlayer ")
                    .contains("weight before", "weight after", "sparsity %", "total");
            assertThat(kernel.displays.get(0).getData(MIMEType.TEXT_HTML).toString())
                    .contains("<h4>pruning of lenet</h4>", "<th class=\"pomona-number\">MACs after</th>");
            assertThat(kernel.displays.get(1).getData(MIMEType.TEXT_PLAIN).toString())
                    .startsWith(
                            "Figure: Weights of lenet before pruning (share of the weights in % over weight); kept, ")
                    .contains("removed, ", "threshold ");
        }
    }
}
