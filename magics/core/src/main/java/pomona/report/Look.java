package pomona.report;

import tech.tablesaw.plotly.components.Axis;
import tech.tablesaw.plotly.components.Axis.AxisBuilder;
import tech.tablesaw.plotly.components.Layout;
import tech.tablesaw.plotly.components.Layout.LayoutBuilder;
import tech.tablesaw.plotly.components.Margin;

/**
 * The common look of figures: backgrounds are left to the page and lines are translucent grey, so that a figure reads on
 * light and on dark pages alike.
 */
final class Look {

    private static final String GRID = "rgba(128, 128, 128, 0.3)";

    /** Okabe and Ito's colours for all kinds of colour vision, without those too pale or too dark for some page. */
    private static final String[] PALETTE = {"#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00"};

    private Look() {}

    static String colour(int series) {
        return PALETTE[series % PALETTE.length];
    }

    static AxisBuilder axis(String title) {
        return Axis.builder().title(title).gridColor(GRID).zeroLineColor(GRID).lineColor(GRID);
    }

    static LayoutBuilder layout(String title) {
        return Layout.builder()
                .title(title)
                .margin(Margin.builder().top(60).bottom(60).left(70).right(30).build());
    }
}
