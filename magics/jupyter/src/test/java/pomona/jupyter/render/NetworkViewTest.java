package pomona.jupyter.render;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import pomona.graph.Network;
import pomona.graph.Step;
import pomona.graph.Tensor;

class NetworkViewTest {

    private final NetworkView view = new NetworkView();

    private static Network tiny() {
        return Network.builder("tiny")
                .input("x", "batch", 2)
                .weight("w", Tensor.ofFloats(new float[] {1, 0, 0, 2}, 2, 2))
                .node("MatMul", List.of("x", "w"), "y")
                .output("y", "batch", 2)
                .build();
    }

    @Test
    void summarizesInText() {
        Map<String, String> options = new LinkedHashMap<>();
        options.put("sparsity", "0.5");
        options.put("scope", "global");

        assertThat(view.text(tiny().withStep(new Step("MagnitudePruning", options))))
                .isEqualTo("""
                        tiny (x float[batch,2]) -> (y float[batch,2])
                        parameters 4, non-zeros 2 (50.0 %), weights 16 B, operators 1, opset 17

                        layers at batch 1 by default
                        layer  operator  output      parameters  non-zeros  zero %  MACs  bytes  activation bytes
                        -----  --------  ----------  ----------  ---------  ------  ----  -----  ----------------
                        y      MatMul    [batch, 2]           4          2    50.0     4     16                 8
                        total                                 4          2    50.0     4     16                 8

                        made by MagnitudePruning(sparsity=0.5, scope=global)""");
    }

    @Test
    void showsFactsAndProvenanceInHtml() {
        String html = view.html(tiny().withStep(new Step("DynamicQuantization", Map.of("bits", "8"))));

        assertThat(html)
                .contains("<h4>tiny</h4>", "<code>x float[batch,2]</code>")
                .contains("<dt>non-zeros</dt><dd>2 (50.0 %)</dd>")
                .contains("<details open><summary>layers at batch 1 by default</summary>", "<td>MatMul</td>")
                .contains("<li>DynamicQuantization <span class=\"pomona-dim\">bits&nbsp;<b>8</b></span></li>");
    }

    @Test
    void escapesEverythingThatTheNetworkNames() {
        assertThat(view.html(Samples.hostileNetwork()))
                .doesNotContain("<script")
                .contains("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;&#39;\\");
    }
}
