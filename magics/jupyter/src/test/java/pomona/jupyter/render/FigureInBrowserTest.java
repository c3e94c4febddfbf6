package pomona.jupyter.render;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pomona.evaluate.Sensitivity.Measure;

/** Opens pages in a real browser, without a network, and looks at what the figures became. */
class FigureInBrowserTest {

    private final FigureView view = new FigureView();

    @TempDir
    Path folder;

    @Test
    void drawsSeveralFiguresOnAPageWithItsOwnPlotlyAndMathJax() throws Exception {
        String dom = new Browser(folder)
                .open(
                        "<script>window.Plotly='mine';window.MathJax={version:'4'};window.define=()=>{};window.define.amd={};</script>"
                                + view.html(Samples.figure("First figure", "a"))
                                + view.html(Samples.figure("Second figure", "b"))
                                + "<script>setTimeout(()=>document.title='Plotly is '+window.Plotly,2000)</script>");

        assertThat(dom).contains("<title>Plotly is mine</title>");
        assertThat(dom.split("<svg class=\"main-svg\"", -1)).hasSizeGreaterThanOrEqualTo(5);
        assertThat(dom).contains("First figure</text>", "Second figure</text>");
    }

    @Test
    void drawsABarForEachLayerAndTheNetworkAsItIs() throws Exception {
        String dom = new Browser(folder).open(new SensitivityView().html(Samples.sensitivity(2, Measure.ERROR)));

        assertThat(dom)
                .contains("encoder: one layer alone at 8 bits</text>", "rise of the error in percentage points</text>")
                .contains("encoder.layer.0.attention.self.query</text>", "encoder.layer.1.output.dense</text>")
                .contains("as it is: error 1.52 %</text>");
        assertThat(dom.split("<g class=\"point\"", -1)).hasSize(1 + 6);
    }

    @Test
    void showsHostileTextsAsTheyAre() throws Exception {
        String dom = new Browser(folder)
                .open("<title>safe</title>" + view.html(Samples.figure("<script>document.title='hit'</script>&'", "")));

        assertThat(dom)
                .contains("<title>safe</title>")
                .contains("&lt;script&gt;document.title='hit'&lt;/script&gt;&amp;'");
    }

    @Test
    void saysWhyAFigureCanNotBeDrawn() throws Exception {
        String dom = new Browser(folder)
                .open("<script>delete window.DecompressionStream</script>" + view.html(Samples.figure("t", "s")));

        assertThat(dom)
                .contains("Figure: t (test error in % over size in KB); s 3 points</p>")
                .contains("This figure can not be drawn here: DecompressionStream is not defined");
    }
}
