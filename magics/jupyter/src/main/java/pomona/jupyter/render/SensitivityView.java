package pomona.jupyter.render;

import pomona.evaluate.Sensitivity;
import pomona.report.Report;

/** Shows a sensitivity scan as a table and as bars or curves. */
final class SensitivityView implements View<Sensitivity> {

    private final FigureView figures = new FigureView();

    @Override
    public String html(Sensitivity scan) {
        return Html.frame(TableView.sheet(Report.sensitivity(scan)).html())
                + figures.html(Report.sensitivityFigure(scan));
    }

    @Override
    public String text(Sensitivity scan) {
        return scan + "\n" + TableView.sheet(Report.sensitivity(scan)).text();
    }
}
