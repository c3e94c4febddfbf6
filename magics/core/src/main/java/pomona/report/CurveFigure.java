package pomona.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import pomona.evaluate.Evaluation;
import tech.tablesaw.plotly.components.Axis;
import tech.tablesaw.plotly.components.Figure;
import tech.tablesaw.plotly.components.Line;
import tech.tablesaw.plotly.components.Marker;
import tech.tablesaw.plotly.traces.ScatterTrace;
import tech.tablesaw.plotly.traces.ScatterTrace.Mode;
import tech.tablesaw.plotly.traces.Trace;

/** Figures of measured points. */
final class CurveFigure {

    /** Longer curves are drawn without a mark at each point. */
    private static final int MARKED = 50;

    private static final double KB = 1000;

    private CurveFigure() {}

    static Figure loss(String unit, Map<String, double[]> series) {
        List<Trace> traces = new ArrayList<>();
        series.forEach((name, values) -> {
            double[] places =
                    IntStream.rangeClosed(1, values.length).asDoubleStream().toArray();
            String colour = Look.colour(traces.size());
            traces.add(ScatterTrace.builder(places, values)
                    .mode(values.length > MARKED ? Mode.LINE : Mode.LINE_AND_MARKERS)
                    .line(Line.builder().color(colour).width(2).build())
                    .marker(Marker.builder().color(colour).size(6).build())
                    .name(name)
                    .showLegend(true)
                    .build());
        });
        return new Figure(
                Look.layout("Training")
                        .xAxis(Look.axis(unit).build())
                        .yAxis(Look.axis("loss").build())
                        .build(),
                traces.toArray(Trace[]::new));
    }

    static Figure errorAgainstDensity(Map<String, ? extends Map<Double, Double>> series) {
        List<Trace> traces = new ArrayList<>();
        series.forEach((name, errors) -> {
            String colour = Look.colour(traces.size());
            double[] densities =
                    errors.keySet().stream().mapToDouble(Double::doubleValue).toArray();
            double[] values =
                    errors.values().stream().mapToDouble(Double::doubleValue).toArray();
            traces.add(ScatterTrace.builder(densities, values)
                    .mode(Mode.LINE_AND_MARKERS)
                    .line(Line.builder().color(colour).width(2).build())
                    .marker(Marker.builder().color(colour).size(7).build())
                    .name(name)
                    .showLegend(true)
                    .build());
        });
        return new Figure(
                Look.layout("Error against density")
                        .xAxis(Look.axis("weights left in %")
                                .type(Axis.Type.LOG)
                                .build())
                        .yAxis(Look.axis("error in %").build())
                        .build(),
                traces.toArray(Trace[]::new));
    }

    static Figure errorAgainstSize(List<Evaluation> evaluations) {
        Trace[] traces = new Trace[evaluations.size()];
        for (int i = 0; i < traces.length; i++) {
            Evaluation evaluation = evaluations.get(i);
            traces[i] = ScatterTrace.builder(
                            new double[] {evaluation.xzBytes() / KB}, new double[] {evaluation.error()})
                    .mode(Mode.TEXT_AND_MARKERS)
                    .marker(Marker.builder().color(Look.colour(i)).size(11).build())
                    .text(new String[] {evaluation.network()})
                    .name(evaluation.network())
                    .showLegend(false)
                    .build();
        }
        return new Figure(
                Look.layout("Error against size")
                        .xAxis(Look.axis("compressed file (.onnx.xz) in KB")
                                .type(Axis.Type.LOG)
                                .build())
                        .yAxis(Look.axis("error in %").build())
                        .build(),
                traces);
    }
}
