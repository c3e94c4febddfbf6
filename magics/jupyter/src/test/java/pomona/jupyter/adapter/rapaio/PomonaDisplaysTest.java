package pomona.jupyter.adapter.rapaio;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.rapaio.jupyter.kernel.display.DisplayData;
import org.rapaio.jupyter.kernel.display.DisplaySystem;
import org.rapaio.jupyter.kernel.display.spi.DisplayProvider;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.Table;

class PomonaDisplaysTest {

    private final Table table = Table.create("numbers", IntColumn.create("a", 1, 2));

    @Test
    void isFoundByItsService() {
        assertThat(ServiceLoader.load(DisplayProvider.class))
                .anySatisfy(provider -> assertThat(provider).isInstanceOf(PomonaDisplays.class));
    }

    @Test
    void givesHtmlAndTextUnlessTextIsWanted() {
        DisplayData both = DisplaySystem.inst().render(table);
        assertThat(both.data().get("text/html").toString()).contains("<h4>numbers</h4>");
        assertThat(both.data()).containsEntry("text/plain", "numbers\n\na\n-\n1\n2");
        assertThat(DisplaySystem.inst().render("text/plain", table).data()).containsOnlyKeys("text/plain");
        assertThat(DisplaySystem.inst().render("text/html", table).data()).containsKey("text/html");
    }
}
