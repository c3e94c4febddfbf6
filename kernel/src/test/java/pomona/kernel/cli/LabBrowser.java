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

/** A real browser in front of a {@link LabServer}, that does with notebooks what a user would do. */
final class LabBrowser implements AutoCloseable {

    private static final Path SCREENSHOTS = Checkout.ROOT.resolve("kernel/target/screenshots");

    /** Nothing that calls out or draws on a graphics card. */
    private static final List<String> OPTIONS = List.of(
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync");

    private final LabServer lab;
    private final Playwright playwright;
    private final Browser browser;

    LabBrowser(LabServer lab, Path chromium) throws Exception {
        this.lab = lab;
        Files.createDirectories(SCREENSHOTS);
        playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        browser = playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(chromium)
                        .setArgs(OPTIONS));
    }

    @Override
    public void close() {
        browser.close();
        playwright.close();
    }

    Page open(Path notebook) {
        Page page = browser.newPage(new Browser.NewPageOptions().setViewportSize(1280, 1000));
        page.setDefaultTimeout(TimeUnit.SECONDS.toMillis(60));
        page.navigate(lab.page(notebook));
        page.waitForSelector(".jp-Notebook-ExecutionIndicator[data-status=idle]");
        page.waitForFunction(
                "() => window.jupyterapp.shell.currentWidget?.context.sessionContext.session?.kernel?.status === 'idle'");
        return page;
    }

    /** Run, Run All Cells, in the menu; then waits until no cell is waiting or running. */
    static void runAll(Page page, int patienceInSeconds) {
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

    static void waitForTheEnd(Page page, int patienceInSeconds) {
        page.waitForSelector(".jp-InputPrompt:text-matches('\\\\[[*0-9]+\\\\]:')");
        page.waitForFunction(
                "() => ![...document.querySelectorAll('.jp-InputPrompt')].some(p => p.innerText.includes('*'))"
                        + " && document.querySelector('.jp-Notebook-ExecutionIndicator').dataset.status === 'idle'",
                null,
                new Page.WaitForFunctionOptions().setTimeout(TimeUnit.SECONDS.toMillis(patienceInSeconds)));
    }

    static Locator cell(Page page, int codeCell) {
        return page.locator(".jp-CodeCell").nth(codeCell);
    }

    /** Puts the cursor behind the last character of a cell. */
    static void cursorToTheEnd(Page page, int codeCell) {
        cell(page, codeCell).locator(".cm-content").click();
        page.keyboard().press("Control+End");
    }

    /** Runs one cell by the keyboard. */
    static void run(Page page, int codeCell) {
        cursorToTheEnd(page, codeCell);
        page.keyboard().press("Control+Enter");
    }

    static Locator output(Page page, int codeCell) {
        return page.locator(".jp-CodeCell").nth(codeCell).locator(".jp-OutputArea");
    }

    static void assertNoError(Page page) {
        Locator errors = page.locator("[data-mime-type='application/vnd.jupyter.error']");
        assertThat(errors.allInnerTexts()).isEmpty();
        int cells = page.locator(".jp-CodeCell").count();
        Locator executed = page.locator(".jp-CodeCell .jp-InputPrompt:text-matches('\\\\[[0-9]+\\\\]:')");
        assertThat(executed.count()).isEqualTo(cells);
    }

    static void assertTableAndPlot(Page page) {
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
    static void screenshots(Page page, String name, Locator place) {
        place.scrollIntoViewIfNeeded();
        page.screenshot(new Page.ScreenshotOptions().setPath(SCREENSHOTS.resolve(name + "-light.png")));
        page.evaluate("() => window.jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'})");
        page.waitForFunction("() => document.body.dataset.jpThemeLight === 'false'");
        page.waitForTimeout(500);
        page.screenshot(new Page.ScreenshotOptions().setPath(SCREENSHOTS.resolve(name + "-dark.png")));
        page.evaluate("() => window.jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Light'})");
    }

    /** Saves the notebook, and again if a save of JupyterLab's own was under way, until nothing is left unsaved. */
    static void save(Page page) {
        Object unsaved = page.evaluate("""
                async () => {
                    const context = window.jupyterapp.shell.currentWidget.context;
                    const pause = () => new Promise(done => setTimeout(done, 500));
                    for (let tries = 0; tries < 20; tries++) {
                        await Promise.race([context.save(), pause().then(pause).then(pause).then(pause)]);
                        await pause();
                        if (!context.model.dirty) {
                            return '';
                        }
                    }
                    return document.querySelector('.jp-Dialog')?.innerText ?? 'no dialog';
                }
                """);
        assertThat(unsaved).as("what JupyterLab asks instead of saving").isEqualTo("");
    }
}
