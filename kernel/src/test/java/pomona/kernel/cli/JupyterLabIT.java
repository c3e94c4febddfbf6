package pomona.kernel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Notebooks in a real JupyterLab, run by a real browser as a user would run them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class JupyterLabIT {

    private Path notebooks;
    private LabServer lab;
    private LabBrowser browser;

    @BeforeAll
    void start(@TempDir Path home) throws Exception {
        String python = Checkout.python();
        Path chromium = Checkout.chromium();
        notebooks = Files.createDirectory(home.resolve("served"));
        lab = new LabServer(python, home, notebooks);
        browser = new LabBrowser(lab, chromium);
    }

    @AfterAll
    void stop() {
        if (browser != null) {
            browser.close();
        }
        if (lab != null) {
            lab.close();
        }
    }

    @Test
    void showsTablesPlotsAndProgress() throws Exception {
        try (Page page = browser.open(Checkout.notebook("shown.ipynb", notebooks))) {
            LabBrowser.runAll(page, 120);
            LabBrowser.assertNoError(page);
            LabBrowser.assertTableAndPlot(page);
            assertThat(LabBrowser.output(page, 0).innerText()).contains("pruned <90 %>", "107000");
            assertThat(LabBrowser.output(page, 3).innerText()).contains("100 %").doesNotContain("95 %");
            assertThat(LabBrowser.output(page, 4).innerText())
                    .contains("step 4")
                    .doesNotContain("step 3");
            LabBrowser.screenshots(page, "shown", LabBrowser.output(page, 1));
        }
    }

    @Test
    void showsWhereACellFailed() throws Exception {
        try (Page page = browser.open(Checkout.notebook("failing.ipynb", notebooks))) {
            LabBrowser.runAll(page, 60);
            assertThat(LabBrowser.output(page, 1).innerText())
                    .contains("ArithmeticException: / by zero", "Cell In[2], line 2", "int c = a / b;");
            assertThat(LabBrowser.output(page, 2).innerText()).isEmpty();
            LabBrowser.screenshots(page, "failing", LabBrowser.output(page, 1));
        }
    }
}
