package pomona.jupyter.magic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.dflib.jjava.jupyter.kernel.display.mime.MIMEType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import pomona.evaluate.Evaluation;
import pomona.evaluate.Latency;
import pomona.jupyter.Networks;
import pomona.jupyter.TestKernel;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.plotly.components.Figure;

/** Comparing and plotting; figures are judged by what they say of themselves. */
class PlotMagicTest {

    private TestKernel kernel;

    @BeforeEach
    void start() {
        kernel = new TestKernel();
        kernel.variables.put("a", evaluation("lenet", 1.8, 1_000_000));
        kernel.variables.put("b", evaluation("small", 2.4, 90_000));
        kernel.variables.put("both", List.of(kernel.variables.get("a"), kernel.variables.get("b")));
        kernel.variables.put("net", Networks.classifier("net", 1));
        kernel.variables.put("text", "some text");
        kernel.variables.put(
                "layers",
                Table.create(
                        "layers",
                        StringColumn.create("name", "fc1", "fc2"),
                        DoubleColumn.create("weights", 10, 20),
                        DoubleColumn.create("zeros", 9, 1)));
        kernel.variables.put(
                "curve",
                Table.create("curve", DoubleColumn.create("step", 1, 2, 3), DoubleColumn.create("loss", 3, 2, 1)));
    }

    @AfterEach
    void stop() {
        kernel.close();
    }

    private static Evaluation evaluation(String name, double error, long bytes) {
        return new Evaluation(
                name, 100, Map.of(Evaluation.ERROR, error), 10, 10, 10, bytes, bytes, Latency.NOT_MEASURED);
    }

    private Object run(String line) throws Exception {
        List<String> words = List.of(line.split(" "));
        return kernel.magic(words.get(0), words.subList(1, words.size()).toArray(String[]::new));
    }

    private String plot(String line) throws Exception {
        Figure figure = (Figure) run("plot " + line);
        return kernel.getRenderer().render(figure).getData(MIMEType.TEXT_PLAIN).toString();
    }

    private static void assertSays(ThrowingCallable call, String sentence) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessage(sentence);
    }

    @Test
    void comparesEvaluationsAndListsOfThem() throws Exception {
        Table table = (Table) run("compare a b");

        assertThat(table.stringColumn("network").asList()).containsExactly("lenet", "small");
        assertThat(table.doubleColumn("error %").asList()).containsExactly(1.8, 2.4);
        assertThat(((Table) run("compare both a")).rowCount()).isEqualTo(3);
        assertSays(
                () -> run("compare a net"),
                "net is a Network, but it takes an Evaluation; %evaluate net --data DATASET makes one.");
        assertSays(() -> run("compare text"), "text is a String, but it takes an Evaluation.");
        assertSays(
                () -> run("compare"),
                "%compare needs EVALUATION: the variables that hold evaluations, or lists of them.");
    }

    @Test
    void plotsErrorAgainstSizeFromEvaluationsOrTheirTable() throws Exception {
        kernel.variables.put("table", run("compare a b"));

        assertThat(plot("a b"))
                .isEqualTo("Figure: Error against size (error in % over compressed file (.onnx.xz) in KB);"
                        + " lenet 1 point, small 1 point");
        assertThat(plot("both")).isEqualTo(plot("a b"));
        assertThat(plot("table")).isEqualTo("Figure: comparison (error % over .xz KB); 2 points");
    }

    @Test
    void plotsTablesByWhatTheirColumnsHold() throws Exception {
        assertThat(plot("layers")).isEqualTo("Figure: layers (weights over name); 2 points");
        assertThat(plot("layers --y weights,zeros")).isEqualTo("Figure: layers; weights 2 points, zeros 2 points");
        assertThat(plot("layers --x weights --y zeros --title t"))
                .isEqualTo("Figure: t (zeros over weights); 2 points");
        assertThat(plot("curve --log y")).isEqualTo("Figure: curve (loss over step); 3 points");
    }

    @Test
    void plotsWeightsAndLosses() throws Exception {
        kernel.variables.put("losses", new double[] {3, 2, 1});
        kernel.variables.put("more", List.of(3, 2.5));

        assertThat(plot("weights net")).isEqualTo(plot("net")).contains("w1", "w2");
        assertThat(plot("loss losses more"))
                .isEqualTo("Figure: Training (loss over epoch); losses 3 points, more 2 points");
        assertThat(plot("losses")).isEqualTo("Figure: Training (loss over epoch); losses 3 points");
    }

    @Test
    void saysWhatCanNotBePlotted() {
        assertSays(() -> plot("layers --y weigts"), "The table has no column weigts; did you mean weights?");
        assertSays(() -> plot("layers --y name"), "Column name holds no numbers; --y takes columns that do.");
        assertSays(() -> plot("layers --kind pie"), "kind is pie; it takes one of points, line, bars.");
        assertSays(() -> plot("curve --log z"), "log is z; it takes one of x, y, xy.");
        assertSays(() -> plot("a --x size"), "--x is for tables, but a is an Evaluation.");
        assertSays(
                () -> plot("text"),
                "text is a String, but it takes a Table, an Evaluation, a Network, a LossHistory or numbers.");
        assertSays(() -> plot("weights text"), "text is a String, but it takes a Network.");
        assertSays(() -> plot("weights net net"), "%plot weights takes one network; it was given 2.");
    }

    @Test
    void suggestsTheKindThatWasMeant() {
        assertSays(
                () -> run("plot wieghts net"),
                "%plot has no kind wieghts, and there is no such variable; did you mean weights?");
        assertSays(() -> run("plot nett net"), "There is no variable nett.");
    }
}
