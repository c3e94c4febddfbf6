package pomona.jupyter.render;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import tech.tablesaw.plotly.components.Config;
import tech.tablesaw.plotly.components.Figure;
import tech.tablesaw.plotly.components.Layout;
import tech.tablesaw.plotly.components.Marker;
import tech.tablesaw.plotly.traces.BarTrace;
import tech.tablesaw.plotly.traces.HeatmapTrace;
import tech.tablesaw.plotly.traces.ScatterTrace;

class FigureViewTest {

    private final FigureView view = new FigureView();

    private static JsonNode json(String html) throws Exception {
        String start = "<script type=\"application/json\" class=\"pomona-figure\">";
        int from = html.indexOf(start) + start.length();
        return new ObjectMapper().readTree(html.substring(from, html.indexOf("</script>", from)));
    }

    @Test
    void describesItselfInText() {
        assertThat(view.text(Samples.figure("Error against size", "lenet")))
                .isEqualTo("Figure: Error against size (test error in % over size in KB); lenet 3 points");
        assertThat(view.text(Samples.figure("R&D: \"a\" < 'b'", "")))
                .isEqualTo("Figure: R&D: \"a\" < 'b' (test error in % over size in KB); 3 points");
    }

    @Test
    void needsNothingFromOutside() {
        String html = view.html(Samples.figure("t", "s"));

        assertThat(html).contains("data-pomona-library=\"plotly\">H4sI").doesNotContain("src=", "href=", "http");
        assertThat(html.length()).isLessThan(600_000);
    }

    @Test
    void keepsHostileTextsAsData() throws Exception {
        String html = view.html(Samples.figure(Samples.HOSTILE, Samples.HOSTILE));

        assertThat(html).doesNotContain("<script>alert", "</script>&'");
        String shownByPlotly = "&lt;script&gt;alert(\"x\")&lt;/script&gt;&amp;'\\";
        assertThat(json(html).at("/layout/title/text").asText()).isEqualTo(shownByPlotly);
        assertThat(json(html).at("/data/0/name").asText()).isEqualTo(shownByPlotly);
    }

    @Test
    void keepsLineEndsBackslashesAndQuotesInTexts() throws Exception {
        String html = view.html(Samples.figure("C:\\new\\\nIt's 'it'", "\\"));

        assertThat(json(html).at("/layout/title/text").asText()).isEqualTo("C:\\new\\\nIt's 'it'");
        assertThat(json(html).at("/data/0/name").asText()).isEqualTo("\\");
    }

    @Test
    void keepsCategoriesAndHoverTexts() throws Exception {
        BarTrace bars = BarTrace.builder(new String[] {"a\"b\\", "it's", "</script>"}, new double[] {1, 2, 3})
                .build();

        JsonNode x = json(view.html(new Figure(bars))).at("/data/0/x");

        assertThat(x.get(0).asText()).isEqualTo("a\"b\\");
        assertThat(x.get(1).asText()).isEqualTo("it's");
        assertThat(x.get(2).asText()).isEqualTo("</script>");
    }

    @Test
    void leavesTheDefaultSizeToThePageAndKeepsAChosenOne() throws Exception {
        ScatterTrace trace =
                ScatterTrace.builder(new double[] {1}, new double[] {1}).build();
        JsonNode byDefault = json(view.html(new Figure(Layout.builder("t").build(), trace)));
        JsonNode chosen = json(
                view.html(new Figure(Layout.builder("t").width(320).height(200).build(), trace)));

        assertThat(byDefault.get("layout").has("width")).isFalse();
        assertThat(chosen.at("/layout/width").asInt()).isEqualTo(320);
        assertThat(chosen.at("/layout/height").asInt()).isEqualTo(200);
    }

    @Test
    void readsMarkersConfigurationsHeatmapsAndMissingNumbers() throws Exception {
        Figure figure = new Figure(
                Layout.builder().build(),
                Config.builder().displayModeBar(false).build(),
                ScatterTrace.builder(new double[] {1, Double.NaN}, new double[] {1, Double.POSITIVE_INFINITY})
                        .marker(Marker.builder().size(9).color("red").build())
                        .build());
        JsonNode json = json(view.html(figure));

        assertThat(json.at("/config/displayModeBar").asBoolean(true)).isFalse();
        assertThat(json.at("/data/0/marker/color").asText()).isEqualTo("red");
        assertThat(json.at("/data/0/x/1").asText()).isEqualTo("NaN");
        Figure heatmap = new Figure(HeatmapTrace.builder(
                        new Object[] {"a", "b", "c"}, new Object[] {"1", "2"}, new double[][] {{1, 2, 3}, {4, 5, 6}})
                .build());
        assertThat(view.text(heatmap)).isEqualTo("Figure; 2 x 3 cells");
    }

    @Test
    void packsTheSameFigureTheSameWay() {
        double[] many = DoubleStream.iterate(0, d -> d + 1).limit(1000).toArray();
        Figure figure = new Figure(ScatterTrace.builder(many, many).build());

        assertThat(view.html(figure)).isEqualTo(view.html(figure));
        assertThat(view.text(figure)).isEqualTo("Figure; 1,000 points");
    }
}
