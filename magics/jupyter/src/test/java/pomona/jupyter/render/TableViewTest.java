package pomona.jupyter.render;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.numbers.NumberColumnFormatter;

class TableViewTest {

    private final TableView view = new TableView();

    @Test
    void escapesNamesHeadingsAndCells() {
        Table table = Table.create(Samples.HOSTILE, StringColumn.create(Samples.HOSTILE, Samples.HOSTILE));

        String html = view.html(table);

        String escaped = "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;&#39;\\";
        assertThat(html).doesNotContain("<script").contains("<h4>" + escaped, "<th>" + escaped, "<td>" + escaped);
    }

    @Test
    void alignsNumbersToTheRight() {
        assertThat(view.html(Samples.table("t")))
                .contains("<th>network</th>", "<th class=\"pomona-number\">error</th>")
                .contains("<td class=\"pomona-number\">266610</td>");
    }

    @Test
    void printsAlignedText() {
        Table table = Table.create(
                "Comparison",
                StringColumn.create("network", "lenet", "student"),
                IntColumn.create("parameters", 266610, 25818));

        assertThat(view.text(table)).isEqualTo("""
                        Comparison

                        network  parameters
                        -------  ----------
                        lenet        266610
                        student       25818""");
    }

    @Test
    void wrapsPhrasesAndNotNames() {
        Table table = Table.create(
                "t",
                StringColumn.create("layer", "encoder.layer.0.attention.self.query", "fc"),
                StringColumn.create("layers are", "floats", "1 static, 2 weight-only, 1 int4"),
                DoubleColumn.create("error %", 1.5, 2.5));
        assertThat(view.html(table))
                .contains("<td>encoder.layer.0.attention.self.query</td>")
                .contains("<td class=\"pomona-phrase\">floats</td>")
                .contains("<td class=\"pomona-phrase\">1\u00a0static, 2\u00a0weight-only, 1\u00a0int4</td>")
                .contains("<th class=\"pomona-number\">error\u00a0%</th>")
                .doesNotContain("<table class=\"pomona-wide\">");
        assertThat(view.text(table)).contains("error %", "1 static, 2 weight-only");
    }

    @Test
    void setsTablesOfManyColumnsSmaller() {
        Table table = Table.create("t");
        IntStream.range(0, 13).forEach(i -> table.addColumns(IntColumn.create("c" + i, new int[] {i})));
        assertThat(view.html(table)).contains("<table class=\"pomona-wide\">");
        assertThat(view.html(table.removeColumns(0))).contains("<table><thead>");
    }

    @Test
    void roundsWhatWasNotFormattedAndKeepsWhatWas() {
        DoubleColumn plain = DoubleColumn.create("plain", 0.0161234567891, 1.5);
        DoubleColumn percent = DoubleColumn.create("percent", 0.0161234567891, 1.5);
        percent.setPrintFormatter(NumberColumnFormatter.percent(2));

        assertThat(view.text(Table.create(plain, percent)).lines().skip(2))
                .containsExactly("0.0161235    1.61%", "      1.5  150.00%");
    }

    @Test
    void saysHowManyRowsAreNotShown() {
        Table table =
                Table.create("t", IntColumn.create("i", IntStream.range(0, 1065).toArray()));

        assertThat(view.text(table)).endsWith("59\n... 1,005 more rows are not shown");
        assertThat(view.html(table))
                .contains(">59<", "1,005 more rows are not shown")
                .doesNotContain(">60<");
        assertThat(view.text(table.first(61))).endsWith("59\n... 1 more row is not shown");
    }

    @Test
    void showsATableWithoutColumns() {
        assertThat(view.text(Table.create("nothing"))).isEqualTo("nothing\n\nno columns");
    }
}
