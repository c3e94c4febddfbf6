package pomona.kernel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.WaitForSelectorState;
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
        lab = new LabServer(LabServer.App.LAB, python, home, notebooks);
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

    @Test
    void showsVariablesErrorsAndOptions() throws Exception {
        try (Page page = browser.open(Checkout.notebook("magics.ipynb", notebooks))) {
            for (int cell = 0; cell < 5; cell++) {
                LabBrowser.run(page, cell);
                LabBrowser.waitForTheEnd(page, 30);
            }
            Locator table = LabBrowser.output(page, 0).locator("table");
            assertThat(table.locator("tbody tr").allInnerTexts())
                    .contains("pears\tArrayList<String>\t[\"Conference\", \"Williams\"]")
                    .contains("tree\tTree\tTree[kind=<plum>, age=12]");
            LabBrowser.screenshots(page, "variables", LabBrowser.cell(page, 0));
            assertThat(LabBrowser.output(page, 1).innerText())
                    .contains("Cell In[2], line 2", "Did you mean: import java.util.zip.ZipFile;", "line 3");
            LabBrowser.screenshots(page, "compile-errors", LabBrowser.output(page, 1));
            assertThat(LabBrowser.output(page, 2).innerText())
                    .contains("IllegalStateException: no harvest", "Caused by: ArithmeticException: / by zero");
            LabBrowser.screenshots(page, "causes", LabBrowser.output(page, 2));
            assertThat(LabBrowser.output(page, 3).innerText()).contains("from the shell", "sh ended with exit code");
            // The cells' text, whether JupyterLab has the output in view or not.
            assertThat(LabBrowser.output(page, 4).locator("td").allTextContents())
                    .containsSubsequence(
                            "%maven", "Adds libraries and what they depend on to the class path.", "%prune");
            LabBrowser.screenshots(page, "magics", LabBrowser.output(page, 4));
            LabBrowser.cursorToTheEnd(page, 5);
            page.keyboard().press("Tab");
            Locator popUp = page.locator(".jp-Completer");
            popUp.waitFor();
            assertThat(popUp.locator("code.jp-Completer-match").allInnerTexts()).contains("--sparsity", "--scope");
            LabBrowser.screenshots(page, "options", LabBrowser.cell(page, 5));
        }
    }

    private Path tools(String name) throws Exception {
        Path notebook = Checkout.notebook("tools.ipynb", notebooks);
        return Files.move(notebook, notebooks.resolve(name));
    }

    @Test
    void completesAndExplains() throws Exception {
        try (Page page = browser.open(tools("completion.ipynb"))) {
            LabBrowser.cursorToTheEnd(page, 0);
            page.keyboard().press("Tab");
            Locator popUp = page.locator(".jp-Completer");
            popUp.waitFor();
            assertThat(popUp.locator("code.jp-Completer-match").allInnerTexts()).contains("max(");
            LabBrowser.screenshots(page, "completion", LabBrowser.cell(page, 0));
            page.keyboard().press("Escape");

            LabBrowser.cursorToTheEnd(page, 1);
            page.keyboard().press("ArrowLeft");
            page.keyboard().press("Shift+Tab");
            Locator tooltip = page.locator(".jp-Tooltip");
            tooltip.waitFor();
            assertThat(tooltip.innerText()).contains("Math.max(int a, int b)");
            LabBrowser.screenshots(page, "tooltip", LabBrowser.cell(page, 1));
        }
    }

    @Test
    void showsProgressInAWidgetAndLeavesALine() throws Exception {
        Path notebook =
                Checkout.notebook("tools.ipynb", notebooks.resolve("../").normalize());
        Path copy = Files.move(notebook, notebooks.resolve("progress.ipynb"));
        try (Page page = browser.open(copy)) {
            LabBrowser.run(page, 2);
            Locator bar = LabBrowser.output(page, 2).locator(".widget-hprogress");
            bar.waitFor();
            page.waitForTimeout(1000);
            LabBrowser.screenshots(page, "progress-widget", LabBrowser.cell(page, 2));
            assertThat(LabBrowser.output(page, 2).innerText()).contains("fine-tune", "%", "loss 0.", " left");
            LabBrowser.waitForTheEnd(page, 60);
            bar.waitFor(new Locator.WaitForOptions().setState(WaitForSelectorState.DETACHED));
            assertThat(LabBrowser.output(page, 2).innerText())
                    .contains("fine-tune: done in")
                    .doesNotContain("left");
            LabBrowser.screenshots(page, "progress-line", LabBrowser.cell(page, 2));
            LabBrowser.save(page);
            assertThat(Checkout.read(copy)).contains("fine-tune: done in").doesNotContain("widget-view");
        }
    }

    @Test
    void theInterruptButtonStopsACell() throws Exception {
        Path notebook =
                Checkout.notebook("tools.ipynb", notebooks.resolve("../").normalize());
        Path copy = Files.move(notebook, notebooks.resolve("interrupt.ipynb"));
        try (Page page = browser.open(copy)) {
            LabBrowser.run(page, 3);
            page.locator(".jp-CodeCell")
                    .nth(3)
                    .locator(".jp-InputPrompt:text('[*]:')")
                    .waitFor();
            page.waitForTimeout(500);
            page.locator("[data-command='notebook:interrupt-kernel']").first().click();
            LabBrowser.waitForTheEnd(page, 30);
            assertThat(LabBrowser.output(page, 3).innerText()).contains("Interrupted");
            LabBrowser.run(page, 4);
            LabBrowser.waitForTheEnd(page, 30);
            assertThat(LabBrowser.output(page, 4).innerText()).contains("2");
            LabBrowser.screenshots(page, "interrupted", LabBrowser.cell(page, 3));
        }
    }
}
