package pomona.kernel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.WaitForSelectorState;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Notebook 7 with nothing beside it: neither widgets nor the extension for language servers. */
class NotebookIT {

    @TempDir
    Path home;

    @Test
    void runsCellsAndShowsProgressWithoutWidgets() throws Exception {
        String python = Checkout.python();
        Path chromium = Checkout.chromium();
        Path notebooks = Files.createDirectory(home.resolve("served"));
        Path copy = Checkout.notebook("tools.ipynb", notebooks);
        try (LabServer server = new LabServer(LabServer.App.NOTEBOOK, python, home, notebooks);
                LabBrowser browser = new LabBrowser(server, chromium);
                Page page = browser.open(copy)) {
            LabBrowser.run(page, 1);
            LabBrowser.waitForTheEnd(page, 60);
            assertThat(LabBrowser.output(page, 1).innerText()).contains("2");
            LabBrowser.run(page, 2);
            Locator bar = LabBrowser.output(page, 2).locator("progress");
            bar.waitFor();
            page.waitForTimeout(700);
            LabBrowser.screenshots(page, "notebook7-progress", LabBrowser.cell(page, 2));
            LabBrowser.waitForTheEnd(page, 60);
            bar.waitFor(new Locator.WaitForOptions().setState(WaitForSelectorState.DETACHED));
            assertThat(LabBrowser.output(page, 2).innerText())
                    .contains("fine-tune: done in")
                    .doesNotContain("left");
            LabBrowser.save(page);
            assertThat(Checkout.read(copy)).contains("fine-tune: done in").doesNotContain("<progress");
        }
    }
}
