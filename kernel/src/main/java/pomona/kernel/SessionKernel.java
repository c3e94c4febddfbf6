package pomona.kernel;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.dflib.jjava.jupyter.Extension;
import org.dflib.jjava.jupyter.channels.ShellReplyEnvironment;
import org.dflib.jjava.jupyter.kernel.BaseKernel;
import org.dflib.jjava.jupyter.kernel.HelpLink;
import org.dflib.jjava.jupyter.kernel.JupyterIO;
import org.dflib.jjava.jupyter.kernel.LanguageInfo;
import org.dflib.jjava.jupyter.kernel.ReplacementOptions;
import org.dflib.jjava.jupyter.kernel.comm.CommManager;
import org.dflib.jjava.jupyter.kernel.display.DisplayData;
import org.dflib.jjava.jupyter.kernel.util.StringStyler;
import org.dflib.jjava.jupyter.messages.ContentType;
import org.dflib.jjava.jupyter.messages.publish.PublishClearOutput;
import org.dflib.jjava.jupyter.messages.publish.PublishDisplayData;
import org.dflib.jjava.jupyter.messages.publish.PublishStream;
import org.dflib.jjava.jupyter.messages.publish.PublishUpdateDisplayData;

/** What extensions, and the statics that cells call, see of a session. */
final class SessionKernel extends BaseKernel {

    private final JavaSession session;

    SessionKernel(JavaSession session, KnownMagics magics, SessionIO io) {
        super(
                "pomona",
                version(),
                language(),
                List.of(new HelpLink("Java API", "https://docs.oracle.com/en/java/javase/17/docs/api/index.html")),
                null,
                io,
                new CommManager(),
                new SessionRenderer(),
                null,
                magics,
                true,
                new StringStyler.Builder().build());
        this.session = session;
        io.connect(session);
    }

    /** Becomes the kernel of the process and installs the extensions that its class path offers. */
    void start(boolean withExtensions) {
        installNotebookKernel();
        if (withExtensions) {
            installDefaultExtensions();
        }
    }

    void stop() {
        if (notebookKernel == this) {
            onShutdown(false);
        }
    }

    private static String version() {
        String version = SessionKernel.class.getPackage().getImplementationVersion();
        return version == null ? "0.1.0" : version;
    }

    private static LanguageInfo language() {
        return new LanguageInfo.Builder("java")
                .version(System.getProperty("java.specification.version"))
                .mimetype("text/x-java-source")
                .fileExtension(".jshell")
                .pygments("java")
                .codemirror("text/x-java")
                .build();
    }

    /** Installs an extension; one that fails is named and left out, and the session goes on. */
    @Override
    protected void installExtension(Extension extension) {
        try {
            super.installExtension(extension);
        } catch (RuntimeException | LinkageError e) {
            System.err.println("The extension " + extension.getClass().getName() + " could not be installed: " + e);
        }
    }

    @Override
    public Object evalRaw(String source) {
        return session.evaluateNested(source);
    }

    @Override
    public void display(DisplayData data) {
        session.display(data);
    }

    @Override
    public DisplayData inspect(String code, int at, boolean extraDetail) {
        Map<String, Object> found = session.assistant().inspect(code, at);
        if (found.isEmpty()) {
            return null;
        }
        DisplayData data = new DisplayData();
        found.forEach(data::putData);
        return data;
    }

    @Override
    public ReplacementOptions complete(String code, int at) {
        CodeAssistant.Completion found = session.assistant().complete(code, at);
        List<String> texts =
                found.items().stream().map(CodeAssistant.Item::text).toList();
        return new ReplacementOptions(texts, found.start(), found.end());
    }

    @Override
    public String isComplete(String code) {
        CodeAssistant.Completeness answer = session.assistant().completeness(code);
        return switch (answer.status()) {
            case "complete" -> IS_COMPLETE_YES;
            case "invalid" -> IS_COMPLETE_BAD;
            default -> answer.indent();
        };
    }

    @Override
    public void interrupt() {
        session.interrupt();
    }

    @Override
    protected ClassLoader getClassLoader() {
        return session.parentLoader();
    }

    /** jjava's streams, led to the session instead of a socket. */
    static final class SessionIO extends JupyterIO {

        SessionIO() {
            super(StandardCharsets.UTF_8);
        }

        void connect(JavaSession session) {
            setEnv(new SessionEnvironment(session));
        }
    }

    private static final class SessionEnvironment extends ShellReplyEnvironment {

        private final JavaSession session;

        SessionEnvironment(JavaSession session) {
            super(null, null, null, null);
            this.session = session;
        }

        @Override
        public <T extends ContentType<T>> void publish(T content) {
            if (content instanceof PublishStream stream) {
                (stream.getStreamType() == PublishStream.StreamType.OUT ? System.out : System.err)
                        .print(stream.getText());
            } else if (content instanceof PublishDisplayData display) {
                session.display(display);
            } else if (content instanceof PublishUpdateDisplayData update) {
                session.updateDisplay(update);
            } else if (content instanceof PublishClearOutput clear) {
                session.clear(clear.shouldWait());
            }
        }
    }
}
