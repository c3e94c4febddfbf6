package pomona.jupyter.render;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pomona.quantize.MixedPrecision;
import pomona.report.Report;

/** Opens pages in a real browser and looks at how much of wide tables is out of sight. */
class TableInBrowserTest {

    private static final Pattern TITLE = Pattern.compile("<title>([0-9 ]+)</title>");

    /** How many pixels of each table stick out of its frame, which scrolls. */
    private static final String MEASURE = """
            <script>addEventListener('load', () => {
              const cut = frame => frame.scrollWidth - frame.clientWidth;
              document.title = [...document.querySelectorAll('.pomona-scroll')].map(cut).join(' ');
            });</script>""";

    private final MixedPrecision search = Samples.search();

    @TempDir
    Path folder;

    private String[] cut(int width) throws Exception {
        TableView view = new TableView();
        String body = "<style>body{font-family:sans-serif;margin:0 35px}</style>"
                + view.html(Report.precisionTrials(search))
                + view.html(Report.precisionLayers(search, search.network()))
                + MEASURE;
        Matcher title = TITLE.matcher(new Browser(folder).open(body, width));
        assertThat(title.find()).as("the page was measured").isTrue();
        return title.group(1).split(" ");
    }

    @Test
    void whatASearchTriedFitsAPageOfUsualWidth() throws Exception {
        assertThat(cut(1000)).containsExactly("0", "0");
    }

    @Test
    void whatDoesNotFitScrolls() throws Exception {
        String[] narrow = cut(500);
        assertThat(Integer.parseInt(narrow[1])).isPositive();
    }
}
