package pomona.jupyter.render;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import pomona.evaluate.Evaluation;
import pomona.evaluate.Latency;
import pomona.evaluate.Sensitivity.Measure;
import pomona.evaluate.Tradeoff;
import pomona.graph.Step;
import pomona.quantize.MixedPrecision;
import pomona.report.Report;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.plotly.components.Axis;
import tech.tablesaw.plotly.components.Figure;
import tech.tablesaw.plotly.components.Layout;
import tech.tablesaw.plotly.components.Marker;
import tech.tablesaw.plotly.traces.BarTrace;
import tech.tablesaw.plotly.traces.HistogramTrace;
import tech.tablesaw.plotly.traces.ScatterTrace;

/** Writes every view to be looked at, as a page or as a notebook: {@code RenderingPage FILE light|dark|notebook}. */
final class RenderingPage {

    private RenderingPage() {}

    public static void main(String[] args) throws IOException {
        if (args[1].equals("notebook")) {
            Files.writeString(Path.of(args[0]), notebook());
            return;
        }
        boolean dark = args[1].equals("dark");
        String page = "<!doctype html><html><head><meta charset=\"utf-8\"><style>body{font-family:system-ui,sans-serif;"
                + "margin:24px auto;max-width:900px;" + (dark ? "background:#111;color:#e0e0e0" : "color:#222")
                + "}</style></head><body>" + String.join("<hr>", outputs()) + "</body></html>";
        Files.writeString(Path.of(args[0]), page);
    }

    private static String notebook() throws IOException {
        ObjectMapper json = new ObjectMapper();
        ObjectNode notebook = json.createObjectNode().put("nbformat", 4).put("nbformat_minor", 5);
        notebook.putObject("metadata")
                .putObject("kernelspec")
                .put("name", "pomona")
                .put("display_name", "Java (Pomona)");
        ArrayNode cells = notebook.putArray("cells");
        for (String html : outputs()) {
            ObjectNode cell = cells.addObject().put("cell_type", "code").put("source", "value");
            cell.put("id", "cell" + cells.size()).put("execution_count", cells.size());
            cell.putObject("metadata");
            ObjectNode output = cell.putArray("outputs").addObject().put("output_type", "display_data");
            output.putObject("metadata");
            output.putObject("data").put("text/html", html).put("text/plain", "plain");
        }
        return json.writeValueAsString(notebook);
    }

    static List<String> outputs() {
        List<String> outputs = new ArrayList<>();
        outputs.add(new NetworkView()
                .html(Samples.network("lenet-300-100")
                        .withStep(new Step("MagnitudePruning", Map.of("sparsity", "0.9", "scope", "global")))
                        .withStep(new Step("FineTuning", Map.of("epochs", "2")))));
        outputs.add(new NetworkView().html(Samples.hostileNetwork()));
        outputs.add(new EvaluationView().html(evaluation("lenet", 1.79, 1_000_000)));
        outputs.add(new TableView().html(comparison()));
        outputs.add(new TableView()
                .html(Report.compare(evaluation("lenet", 1.79, 1_000_000), evaluation("pruned+int8", 1.9, 41_000))));
        outputs.add(new TableView().html(Samples.table(Samples.HOSTILE)));
        MixedPrecision search = Samples.search();
        outputs.add(new TableView().html(Report.precisionTrials(search)));
        outputs.add(new TableView().html(Report.precisionLayers(search, search.network())));
        outputs.add(new NoteView().html(new Note("lenet", search.summary())));
        outputs.add(new TradeoffView()
                .html(new Tradeoff(
                        "lenet",
                        "lenet",
                        424_900,
                        71_500,
                        -1,
                        new Latency(44.2, 50.1, 500),
                        new Latency(65.1, 70.1, 500),
                        2.62,
                        2.58,
                        Double.NaN,
                        Double.NaN,
                        10_000)));
        outputs.add(new FigureView()
                .html(Report.errorAgainstSize(
                        evaluation("lenet-300-100", 1.79, 1_000_000),
                        evaluation("pruned", 1.81, 141_000),
                        evaluation("pruned+int8", 1.9, 41_000),
                        evaluation("student+distilled", 2.43, 90_000))));
        outputs.add(new FigureView().html(Report.weights(Samples.network("lenet"))));
        outputs.add(new FigureView().html(errorBySize()));
        outputs.add(new FigureView().html(loss()));
        outputs.add(new FigureView().html(Samples.figure(Samples.HOSTILE, Samples.HOSTILE)));
        outputs.add(new FigureView().html(bars()));
        outputs.add(new FigureView().html(histogram()));
        outputs.add(new SensitivityView().html(Samples.sensitivity(2, Measure.ERROR)));
        outputs.add(new SensitivityView().html(Samples.sensitivity(12, Measure.SIGNAL_TO_NOISE)));
        return outputs;
    }

    private static Evaluation evaluation(String name, double error, long bytes) {
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put(Evaluation.ERROR, error);
        metrics.put(Evaluation.ACCURACY, 100 - error);
        return new Evaluation(
                name, 10_000, metrics, 266_610, 26_661, 266_200, bytes, bytes, new Latency(41.2, 55.1, 500));
    }

    private static Table comparison() {
        return Table.create(
                "Comparison",
                StringColumn.create("network", "lenet", "pruned", "int8", "student"),
                DoubleColumn.create("test error %", 1.79, 1.81, 1.8, 2.43),
                LongColumn.create("parameters", 266610L, 266610L, 266610L, 25818L),
                LongColumn.create("non-zeros", 266200L, 26661L, 26620L, 25800L),
                DoubleColumn.create("size KB", 1042.3, 141.12, 271.9, 103.4),
                DoubleColumn.create("latency ms", 0.0412345678912, 0.0409123456789, 0.02212345678, 0.0112345678912));
    }

    private static Figure errorBySize() {
        return new Figure(
                Layout.builder("Test error against size")
                        .xAxis(Axis.builder()
                                .title("size of the file in KB")
                                .type(Axis.Type.LOG)
                                .build())
                        .yAxis(Axis.builder().title("test error in %").build())
                        .build(),
                point("lenet", 1042, 1.79),
                point("pruned", 141, 1.81),
                point("int8", 271, 1.80),
                point("student", 103, 2.43));
    }

    private static ScatterTrace point(String name, double x, double y) {
        return ScatterTrace.builder(new double[] {x}, new double[] {y})
                .name(name)
                .text(new String[] {name})
                .mode(ScatterTrace.Mode.TEXT_AND_MARKERS)
                .marker(Marker.builder().size(12).build())
                .build();
    }

    private static Figure loss() {
        double[] x = IntStream.range(0, 200).asDoubleStream().toArray();
        double[] y = IntStream.range(0, 200)
                .mapToDouble(i -> 2 * Math.exp(-i / 40.0) + 0.1 + 0.05 * Math.sin(i * 7))
                .toArray();
        return new Figure(
                Layout.builder("Training loss", "batch", "loss").build(),
                ScatterTrace.builder(x, y)
                        .name("loss")
                        .mode(ScatterTrace.Mode.LINE)
                        .build());
    }

    private static Figure bars() {
        return new Figure(
                Layout.builder("Non-zeros by layer").build(),
                BarTrace.builder(new String[] {"fc1", "fc2", "fc3"}, new double[] {23520, 3000, 100})
                        .build());
    }

    private static Figure histogram() {
        Random random = new Random(3);
        return new Figure(
                Layout.builder("Weights of fc1", "weight", "count").build(),
                HistogramTrace.builder(
                                random.doubles(5000).map(d -> d * d - 0.3).toArray())
                        .build());
    }
}
