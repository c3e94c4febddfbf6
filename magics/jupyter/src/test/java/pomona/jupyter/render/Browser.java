package pomona.jupyter.render;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** A real browser without a window or a network. */
final class Browser {

    private final Path folder;

    /** @param folder where it may write */
    Browser(Path folder) {
        this.folder = folder;
    }

    /** What a page became after its scripts ran, in a window of 800 pixels. */
    String open(String body) throws IOException, InterruptedException {
        return open(body, 800);
    }

    /** What a page became after its scripts ran. */
    String open(String body, int width) throws IOException, InterruptedException {
        Path page = folder.resolve("page.html");
        Files.writeString(page, "<!doctype html><meta charset=\"utf-8\"><body>" + body + "</body>");
        Path out = folder.resolve("dom.html");
        Process browser = new ProcessBuilder(
                        browser(),
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--user-data-dir=" + folder.resolve("profile"),
                        "--window-size=" + width + ",900",
                        "--virtual-time-budget=8000",
                        "--dump-dom",
                        page.toUri().toString())
                .redirectOutput(out.toFile())
                .redirectError(folder.resolve("errors.txt").toFile())
                .start();
        try {
            assertThat(browser.waitFor(90, TimeUnit.SECONDS))
                    .as("the browser ends")
                    .isTrue();
        } finally {
            browser.destroyForcibly();
        }
        return Files.readString(out);
    }

    private static String browser() {
        List<Path> found = Stream.of(System.getenv("PATH").split(java.io.File.pathSeparator))
                .flatMap(dir -> Stream.of("chromium", "chromium-browser", "google-chrome")
                        .map(n -> Path.of(dir, n)))
                .filter(Files::isExecutable)
                .collect(Collectors.toList());
        Assumptions.assumeFalse(found.isEmpty(), "there is no Chromium on the path");
        return found.get(0).toString();
    }
}
