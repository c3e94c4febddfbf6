package pomona.jupyter.render;

import pomona.quantize.LayerSearch;
import pomona.report.Report;

/** Shows what a search for layers to spare found in a sentence, below the networks that it timed. */
final class LayerSearchView implements View<LayerSearch> {

    private final TableView tables = new TableView();

    @Override
    public String html(LayerSearch search) {
        String races = search.races().isEmpty() ? "" : tables.html(Report.races(search));
        return races + Html.frame("<p>" + Html.sentence(sentence(search)) + "</p>");
    }

    @Override
    public String text(LayerSearch search) {
        String races = search.races().isEmpty() ? "" : tables.text(Report.races(search)) + "\n\n";
        return races + sentence(search);
    }

    private static String sentence(LayerSearch search) {
        return search.verdict().isEmpty() ? "No layers were searched for." : search.verdict();
    }
}
