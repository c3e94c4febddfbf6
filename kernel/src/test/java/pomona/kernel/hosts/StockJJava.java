package pomona.kernel.hosts;

import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import jdk.jshell.JShell;
import jdk.jshell.SnippetEvent;
import jdk.jshell.SourceCodeAnalysis;
import jdk.jshell.execution.DirectExecutionControl;
import jdk.jshell.spi.ExecutionControl;
import jdk.jshell.spi.ExecutionControlProvider;
import jdk.jshell.spi.ExecutionEnv;
import org.dflib.jjava.jupyter.channels.JupyterConnection;
import org.dflib.jjava.jupyter.kernel.BaseKernel;
import org.dflib.jjava.jupyter.kernel.JupyterIO;
import org.dflib.jjava.jupyter.kernel.KernelConnectionProperties;
import org.dflib.jjava.jupyter.kernel.LanguageInfo;
import org.dflib.jjava.jupyter.kernel.ReplacementOptions;
import org.dflib.jjava.jupyter.kernel.comm.CommManager;
import org.dflib.jjava.jupyter.kernel.display.DisplayData;
import org.dflib.jjava.jupyter.kernel.display.Renderer;
import org.dflib.jjava.jupyter.kernel.magic.MagicParser;
import org.dflib.jjava.jupyter.kernel.magic.MagicTranspiler;
import org.dflib.jjava.jupyter.kernel.magic.MagicsRegistry;
import org.dflib.jjava.jupyter.kernel.util.PathsHandler;
import org.dflib.jjava.jupyter.kernel.util.StringStyler;

/**
 * JJava, as far as Maven Central has it: all of {@code jjava-jupyter}, whose protocol, magics, rendering and discovery of
 * extensions it leaves as they are, over the JDK's own JShell in the place of JJava's evaluator.
 */
public final class StockJJava extends BaseKernel {

    private final Values values = new Values();
    private final JShell shell = JShell.builder()
            .executionEngine(new InThisProcess(values), Map.of())
            .out(System.out)
            .err(System.err)
            .build();

    private StockJJava() {
        super(
                "JJava",
                "test",
                new LanguageInfo.Builder("Java").fileExtension(".jshell").build(),
                List.of(),
                null,
                new JupyterIO(StandardCharsets.UTF_8),
                new CommManager(),
                new Renderer(),
                new MagicParser("(?<=(?:^|=))\\s*%", "%%", new MagicTranspiler()),
                new MagicsRegistry(),
                true,
                new StringStyler.Builder().build());
        getMagicsRegistry().registerLineMagic("classpath", (kernel, args) -> addToClasspath(args.get(0)));
    }

    public static void main(String[] args) throws Exception {
        JupyterConnection connection =
                new JupyterConnection(KernelConnectionProperties.parse(Files.readString(Path.of(args[0]))));
        StockJJava kernel = new StockJJava();
        kernel.evalRaw("import static org.dflib.jjava.jupyter.kernel.BaseNotebookStatics.*;");
        kernel.evalRaw("import java.util.*;");
        kernel.onStartup();
        kernel.becomeHandlerForConnection(connection);
        connection.connect();
        connection.waitUntilClose();
    }

    private String addToClasspath(String paths) {
        String resolved = PathsHandler.joinPaths(PathsHandler.splitAndResolveGlobs(paths));
        shell.addToClasspath(resolved);
        installExtensions(resolved);
        return resolved;
    }

    @Override
    protected ClassLoader getClassLoader() {
        return values.loader;
    }

    @Override
    public Object evalRaw(String source) {
        String rest = getMagicParser().resolveMagics(source);
        Object value = null;
        while (!rest.isBlank()) {
            SourceCodeAnalysis.CompletionInfo next = shell.sourceCodeAnalysis().analyzeCompletion(rest);
            for (SnippetEvent event : shell.eval(next.source())) {
                if (event.exception() != null) {
                    throw new IllegalStateException(event.exception().getMessage(), event.exception());
                }
                shell.diagnostics(event.snippet())
                        .filter(d -> d.isError())
                        .findFirst()
                        .ifPresent(problem -> {
                            throw new IllegalStateException(problem.getMessage(null) + " in " + next.source());
                        });
                value = event.value() == null ? null : values.last;
            }
            rest = next.remaining();
        }
        return value;
    }

    @Override
    public DisplayData inspect(String code, int at, boolean extraDetail) {
        return null;
    }

    @Override
    public ReplacementOptions complete(String code, int at) {
        return null;
    }

    @Override
    public String isComplete(String code) {
        return IS_COMPLETE_MAYBE;
    }

    /** What the last snippet gave, and the loader of its class. */
    private static final class Values {
        private Object last;
        private ClassLoader loader = StockJJava.class.getClassLoader();
    }

    private record InThisProcess(Values values) implements ExecutionControlProvider {

        @Override
        public String name() {
            return "values";
        }

        @Override
        public ExecutionControl generate(ExecutionEnv environment, Map<String, String> parameters) {
            return new DirectExecutionControl() {
                @Override
                protected String invoke(Method method) throws Exception {
                    values.loader = method.getDeclaringClass().getClassLoader();
                    values.last = method.invoke(null);
                    return valueString(values.last);
                }
            };
        }
    }
}
