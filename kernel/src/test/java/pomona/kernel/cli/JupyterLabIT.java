package pomona.kernel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.TimeoutError;
import com.microsoft.playwright.options.WaitForSelectorState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Notebooks in a real JupyterLab, run by a real browser as a user would run them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class JupyterLabIT {

    private static final Path SCREENSHOTS = Checkout.ROOT.resolve("kernel/target/screenshots");

    /** Nothing that calls out or draws on a graphics card. */
    private static final List<String> BROWSER = List.of(
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync");

    private Path notebooks;
    private LabServer lab;
    private Playwright playwright;
    private Browser browser;

    @BeforeAll
    void start(@TempDir Path home) throws Exception {
        String python = Checkout.python();
        Path chromium = Checkout.chromium();
        notebooks = Files.createDirectory(home.resolve("served"));
        Files.createDirectories(SCREENSHOTS);
        lab = new LabServer(python, home, notebooks);
        playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        browser = playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(chromium)
                        .setArgs(BROWSER));
    }

    @AfterAll
    void stop() throws Exception {
        if (browser != null) {
            browser.close();
        }
        if (playwright != null) {
            playwright.close();
        }
        if (lab != null) {
            lab.close();
        }
    }

    @Test
    void showsTablesPlotsAndProgress() throws Exception {
        try (Page page = open(Checkout.notebook("shown.ipynb", notebooks))) {
            runAll(page, 120);
            assertNoError(page);
            assertTableAndPlot(page);
            assertThat(output(page, 0).innerText()).contains("pruned <90 %>", "107000");
            assertThat(output(page, 3).innerText()).contains("100 %").doesNotContain("95 %");
            assertThat(output(page, 4).innerText()).contains("step 4").doesNotContain("step 3");
            screenshots(page, "shown", output(page, 1));
        }
    }

    @Test
    void showsWhereACellFailed() throws Exception {
        try (Page page = open(Checkout.notebook("failing.ipynb", notebooks))) {
            runAll(page, 60);
            assertThat(output(page, 1).innerText())
                    .contains("ArithmeticException: / by zero", "Cell In[2], line 2", "int c = a / b;");
            assertThat(output(page, 2).innerText()).isEmpty();
            screenshots(page, "failing", output(page, 1));
        }
    }

    private Page open(Path notebook) {
        Page page = browser.newPage(new Browser.NewPageOptions().setViewportSize(1280, 1000));
        page.setDefaultTimeout(TimeUnit.SECONDS.toMillis(60));
        page.navigate(lab.page(notebook));
        page.waitForSelector(".jp-Notebook-ExecutionIndicator[data-status=idle]");
        page.waitForSelector("#jp-main-statusbar :text('Java (Pomona) | Idle')");
        return page;
    }

    /** Run, Run All Cells, in the menu; then waits until no cell is waiting or running. */
    private static void runAll(Page page, int patienceInSeconds) {
        try {
            pressRunAll(page);
            waitForTheEnd(page, patienceInSeconds);
        } catch (TimeoutError e) {
            page.screenshot(new Page.ScreenshotOptions().setPath(SCREENSHOTS.resolve("timeout.png")));
            throw e;
        }
    }

    private static void pressRunAll(Page page) {
        page.locator(".lm-MenuBar-itemLabel", new Page.LocatorOptions().setHasText("Run"))
                .first()
                .click();
        page.locator(".lm-Menu-itemLabel:text-is('Run All Cells')").click();
    }

    private static void waitForTheEnd(Page page, int patienceInSeconds) {
        page.waitForSelector(".jp-InputPrompt:text-matches('\\\\[[*0-9]+\\\\]:')");
        page.waitForFunction(
                "() => ![...document.querySelectorAll('.jp-InputPrompt')].some(p => p.innerText.includes('*'))"
                        + " && document.querySelector('.jp-Notebook-ExecutionIndicator').dataset.status === 'idle'",
                null,
                new Page.WaitForFunctionOptions().setTimeout(TimeUnit.SECONDS.toMillis(patienceInSeconds)));
    }

    private static Locator output(Page page, int codeCell) {
        return page.locator(".jp-CodeCell").nth(codeCell).locator(".jp-OutputArea");
    }

    private static void assertNoError(Page page) {
        Locator errors = page.locator("[data-mime-type='application/vnd.jupyter.error']");
        assertThat(errors.allInnerTexts()).isEmpty();
        int cells = page.locator(".jp-CodeCell").count();
        Locator executed = page.locator(".jp-CodeCell .jp-InputPrompt:text-matches('\\\\[[0-9]+\\\\]:')");
        assertThat(executed.count()).isEqualTo(cells);
    }

    private static void assertTableAndPlot(Page page) {
        visible(page.locator(".jp-OutputArea-output table").last());
        Locator plot = page.locator(".jp-OutputArea-output .main-svg").first();
        visible(plot);
        assertThat(plot.boundingBox().width).isGreaterThan(300);
        assertThat(page.locator(".jp-OutputArea-output .main-svg .point, .jp-OutputArea-output .main-svg path.js-line")
                        .count())
                .isPositive();
    }

    private static void visible(Locator locator) {
        locator.scrollIntoViewIfNeeded();
        locator.waitFor(new Locator.WaitForOptions().setState(WaitForSelectorState.VISIBLE));
    }

    /** The page as it is and in JupyterLab's dark theme, with the interesting place in sight. */
    private static void screenshots(Page page, String name, Locator place) {
        place.scrollIntoViewIfNeeded();
        page.screenshot(new Page.ScreenshotOptions().setPath(SCREENSHOTS.resolve(name + "-light.png")));
        page.evaluate("() => window.jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'})");
        page.waitForFunction("() => document.body.dataset.jpThemeLight === 'false'");
        page.waitForTimeout(500);
        page.screenshot(new Page.ScreenshotOptions().setPath(SCREENSHOTS.resolve(name + "-dark.png")));
        page.evaluate("() => window.jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Light'})");
    }
}
