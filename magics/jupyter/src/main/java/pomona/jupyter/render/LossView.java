package pomona.jupyter.render;

import java.util.Map;
import pomona.report.Report;
import pomona.train.LossHistory;
import tech.tablesaw.plotly.components.Figure;

/** Shows the losses of training as a curve, and in text as where they began and ended. */
final class LossView implements View<LossHistory> {

    private final FigureView figures = new FigureView();

    @Override
    public String html(LossHistory history) {
        return history.batches().length == 0 ? Html.frame(Html.escape(text(history))) : figures.html(curve(history));
    }

    @Override
    public String text(LossHistory history) {
        return history.toString();
    }

    private static Figure curve(LossHistory history) {
        return Report.lossCurve("batch", Map.of("loss", history.batches()));
    }
}
