package pomona.kernel.cli;

import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** A real Jupyter server on this machine's loopback, with folders of its own and the kernel installed as users do it. */
final class LabServer implements AutoCloseable {

    /** What the server serves. */
    enum App {
        /** JupyterLab with all that is installed beside it: widgets, and the extension for language servers. */
        LAB("jupyterlab", "LabApp", "/lab/tree/"),
        /** Notebook 7 alone: no widgets, and no extension for language servers. */
        NOTEBOOK("notebook", "JupyterNotebookApp", "/notebooks/");

        private final String module;
        private final String option;
        private final String page;

        App(String module, String option, String page) {
            this.module = module;
            this.option = option;
            this.page = page;
        }
    }

    private final App app;
    private final Path notebooks;
    private final Path log;
    private final String token = UUID.randomUUID().toString();
    private final int port;
    private final Process process;

    LabServer(App app, String python, Path home, Path notebooks) throws Exception {
        this.app = app;
        this.notebooks = notebooks;
        log = home.resolve("lab.log");
        Path prefix = home.resolve("prefix");
        Checkout.Ended install = Checkout.pomona(home, Map.of(), "install", "--prefix", prefix.toString());
        if (install.code() != 0) {
            throw new AssertionError(install.err());
        }
        settings(home.resolve("config"));
        if (app == App.NOTEBOOK) {
            withoutExtensions(home.resolve("config"));
        }
        port = freePort();
        Map<String, String> environment = new HashMap<>();
        environment.put("JUPYTER_PATH", prefix.resolve("share/jupyter").toString());
        for (String name : List.of("CONFIG", "DATA", "RUNTIME")) {
            environment.put(
                    "JUPYTER_" + name + "_DIR", home.resolve(name.toLowerCase()).toString());
        }
        List<String> command = List.of(
                python,
                "-m",
                app.module,
                "--no-browser",
                "--allow-root",
                "--ServerApp.ip=127.0.0.1",
                "--ServerApp.port=" + port,
                "--ServerApp.port_retries=0",
                "--IdentityProvider.token=" + token,
                "--ServerApp.root_dir=" + notebooks,
                "--" + app.option + ".expose_app_in_browser=True",
                "--MappingKernelManager.default_kernel_name=pomona");
        process = Checkout.start(home, environment, command, log, home.resolve("lab.err"));
        awaitReady();
    }

    /** No questions about news, and every cell in the page's tree also when it is out of sight. */
    private static void settings(Path config) throws Exception {
        Path user = config.resolve("lab/user-settings/@jupyterlab");
        Path apputils = Files.createDirectories(user.resolve("apputils-extension"));
        Files.writeString(
                apputils.resolve("notification.jupyterlab-settings"),
                "{\"fetchNews\": \"false\", \"checkForUpdates\": false}");
        Path notebook = Files.createDirectories(user.resolve("notebook-extension"));
        Files.writeString(notebook.resolve("tracker.jupyterlab-settings"), "{\"windowingMode\": \"none\"}");
    }

    private static void withoutExtensions(Path config) throws Exception {
        Files.writeString(
                Files.createDirectories(config.resolve("labconfig")).resolve("page_config.json"),
                "{\"disabledExtensions\": {\"@jupyter-widgets/jupyterlab-manager\": true}}");
        Files.writeString(
                config.resolve("jupyter_server_config.json"),
                "{\"ServerApp\": {\"jpserver_extensions\": {\"jupyter_lsp\": false}}}");
    }

    private static int freePort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private void awaitReady() throws Exception {
        HttpClient client = HttpClient.newHttpClient();
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + port + "/api/status?token=" + token))
                .build();
        for (int i = 0; i < 300 && process.isAlive(); i++) {
            try {
                if (client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200) {
                    return;
                }
            } catch (java.net.ConnectException e) {
                // Not listening yet.
            }
            Thread.sleep(200);
        }
        throw new AssertionError(app + " does not answer: " + Checkout.read(log.resolveSibling("lab.err")));
    }

    /** The page that shows a notebook of the served folder. */
    String page(Path notebook) {
        return "http://127.0.0.1:" + port + app.page
                + notebooks.relativize(notebook).toString().replace(" ", "%20") + "?reset&token=" + token;
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (process.waitFor(20, TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
