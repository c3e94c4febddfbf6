package pomona.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import jdk.jshell.JShell;
import jdk.jshell.spi.ExecutionControl;
import jdk.jshell.spi.ExecutionControlProvider;
import jdk.jshell.spi.ExecutionEnv;
import org.dflib.jjava.jupyter.kernel.BaseKernel;
import org.dflib.jjava.jupyter.kernel.display.DisplayData;
import pomona.kernel.magic.KernelMagics;

/**
 * A Java session inside this process: JShell behind whole cells, magics, rich output and interrupts.
 *
 * <p>There is one session in a process at a time, since it takes over {@code System.out}, {@code err} and {@code in}.
 * Cells run one after another on a thread of their own.
 */
public final class JavaSession implements CellSession {

    private static final List<String> JDK_PACKAGES = List.of(
            "java.io",
            "java.math",
            "java.net",
            "java.nio.file",
            "java.time",
            "java.util",
            "java.util.concurrent",
            "java.util.function",
            "java.util.regex",
            "java.util.stream");

    private static final String STATIC_IMPORTS = """
            import static org.dflib.jjava.jupyter.kernel.BaseNotebookStatics.*;
            import static pomona.kernel.CellDisplay.*;
            """;

    private final ReentrantLock compiling = new ReentrantLock();
    private final Interrupts interrupts = new Interrupts();
    private final OutputFlusher flusher = new OutputFlusher();
    private final KnownMagics magics = new KnownMagics();
    private final AtomicInteger count = new AtomicInteger();
    private final Map<String, Object> heldArguments = new ConcurrentHashMap<>();
    private final PendingImports pending = new PendingImports(knownPackages());
    private final SnippetControl.SnippetLoader loader;
    private final Evaluator evaluator;
    private final CodeAssistant assistant;
    private final SessionKernel kernel;
    private final ProcessStreams streams;
    private final ExecutorService cells;
    private volatile CellOutput current;
    private volatile String runningSource = "";
    private volatile int runningNumber;
    private ClassPathFiles files;
    private volatile boolean starting = true;

    private JavaSession(SessionOptions options) {
        ClassLoader parent = parentLoader();
        loader = new SnippetControl.SnippetLoader(parent);
        SnippetControl control = new SnippetControl(loader, compiling, interrupts);
        evaluator = new Evaluator(
                shell(options, control),
                control,
                compiling,
                interrupts,
                magics,
                new SyntaxCheck(options.compilerOptions()),
                pending,
                files);
        assistant = new CodeAssistant(evaluator, magics, loader);
        MagicSession own = new MagicSession(this, evaluator, magics, options.classPath());
        KernelMagics.register(magics, own);
        kernel = new SessionKernel(this, magics, new SessionKernel.SessionIO());
        cells = Executors.newSingleThreadExecutor(this::cellThread);
        CellRuntime.install(this);
        streams = new ProcessStreams(this::outputOfThread, options.input());
    }

    /** Starts a session with the default options. */
    public static JavaSession start() {
        return start(SessionOptions.defaults());
    }

    /**
     * Starts a session: evaluates the default imports and installs the extensions.
     *
     * @param options class path, compiler options and input
     * @return the session, ready for its first cell
     * @throws IllegalStateException if this process has a session already
     */
    public static JavaSession start(SessionOptions options) {
        JavaSession session = new JavaSession(options);
        try {
            session.evaluator.evaluateNested(
                    JDK_PACKAGES.stream().map(name -> "import " + name + ".*;").collect(Collectors.joining("\n")));
            session.pending.add(STATIC_IMPORTS);
            session.kernel.start(options.extensions());
            session.evaluator.declarations().markStart();
            session.starting = false;
            return session;
        } catch (RuntimeException | Error e) {
            session.close();
            throw e;
        }
    }

    private JShell shell(SessionOptions options, SnippetControl control) {
        List<String> compiler = new ArrayList<>(List.of("-proc:none"));
        compiler.addAll(options.compilerOptions());
        ExecutionControlProvider provider = new ExecutionControlProvider() {
            @Override
            public String name() {
                return "pomona";
            }

            @Override
            public ExecutionControl generate(ExecutionEnv env, Map<String, String> parameters) {
                return control;
            }
        };
        return JShell.builder()
                .fileManager(standard -> files = new ClassPathFiles(standard, options.classPath()))
                .executionEngine(provider, Map.of())
                .compilerOptions(compiler.toArray(String[]::new))
                .build();
    }

    private static List<String> knownPackages() {
        List<String> known = new ArrayList<>(List.of("java.lang"));
        known.addAll(JDK_PACKAGES);
        return known;
    }

    /** Runs a cell of its own in the background, so that the first of the user's finds all loaded and warm. */
    public void warmUp() {
        try {
            cells.submit(() -> {
                evaluator.warmUp();
                kernel.getRenderer().render(1);
            });
        } catch (RejectedExecutionException e) {
            // The session has been closed before it was used.
        }
    }

    @Override
    public CellResult execute(String source, CellOutputs outputs) {
        return execute(source, outputs, true);
    }

    /**
     * Executes one cell, or code that is not to be counted as one.
     *
     * @param source the cell's text, magics included
     * @param outputs receives what it puts out
     * @param counted whether it takes a number of its own; else it bears the next cell's
     * @return how it ended
     */
    public CellResult execute(String source, CellOutputs outputs, boolean counted) {
        int number = counted ? count.incrementAndGet() : count.get() + 1;
        Future<CellResult> running = cells.submit(() -> run(source, number, outputs));
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return running.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                    interrupt();
                } catch (ExecutionException e) {
                    throw new IllegalStateException("the session failed to run a cell", e.getCause());
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Answers an editor's questions about code. */
    public CodeAssistant assistant() {
        return assistant;
    }

    /** What extensions see of this session: magics, renderer, comms. */
    public BaseKernel kernel() {
        return kernel;
    }

    @Override
    public void interrupt() {
        interrupts.request();
    }

    @Override
    public void close() {
        interrupt();
        cells.shutdown();
        kernel.stop();
        streams.restore();
        flusher.close();
        interrupts.close();
        CellRuntime.install(null);
        evaluator.shell().close();
    }

    private CellResult run(String source, int number, CellOutputs outputs) {
        CellOutput output = new CellOutput(outputs, flusher);
        current = output;
        runningSource = source;
        runningNumber = number;
        output.adopt();
        interrupts.begin(output);
        boolean interrupted = false;
        Failure failure = null;
        try {
            Optional<HelpQuestion> question = HelpQuestion.in(source);
            if (question.isPresent()) {
                failure = question.get().answer(assistant, output);
            } else {
                CellText text = MagicRewriter.rewrite(source, magics);
                Evaluator.Outcome outcome = evaluator.runCell(text, number);
                failure = outcome.failure();
                interrupted = outcome.thrown() instanceof CellInterruptedError;
                if (failure == null && outcome.shown() && outcome.value() != null) {
                    failure = show(outcome.value(), number, output);
                    interrupted = failure != null && interrupts.requested();
                }
            }
        } finally {
            interrupts.end();
            if (failure != null) {
                output.error(failure.ename(), failure.evalue(), failure.traceback());
            }
            output.flush();
            heldArguments.clear();
        }
        CellResult.Status status = interrupted
                ? CellResult.Status.INTERRUPTED
                : failure == null ? CellResult.Status.OK : CellResult.Status.ERROR;
        return new CellResult(status, number);
    }

    /** Shows a cell's value; rendering is the user's code too, and may fail or be interrupted. */
    private Failure show(Object value, int number, CellOutput output) {
        boolean before = interrupts.enter(true);
        try {
            DisplayData data = kernel.getRenderer().render(value);
            interrupts.leave(before);
            output.result(number, Bundles.data(data), Bundles.metadata(data));
            return null;
        } catch (Throwable e) {
            interrupts.leave(before);
            return evaluator.failureOf(interrupts.requested() ? new CellInterruptedError() : e);
        }
    }

    Object evaluateNested(String source) {
        if (starting && PendingImports.areImports(source)) {
            pending.add(source);
            return null;
        }
        Object held = heldArguments.get(source);
        return held != null ? held : evaluator.evaluateNested(source);
    }

    String magicArgument(Object value) {
        if (value == null
                || value instanceof CharSequence
                || value instanceof Number
                || value instanceof Boolean
                || value instanceof Character
                || value instanceof Enum<?>
                || value instanceof java.nio.file.Path
                || value instanceof java.io.File) {
            return String.valueOf(value);
        }
        String name = "$argument" + (heldArguments.size() + 1);
        heldArguments.put(name, value);
        return name;
    }

    void display(DisplayData data) {
        CellOutput output = outputOfThread();
        if (output != null) {
            output.display(Bundles.data(data), Bundles.metadata(data), data.getDisplayId());
        }
    }

    void updateDisplay(DisplayData data) {
        CellOutput output = outputOfThread();
        if (output != null) {
            output.updateDisplay(Bundles.data(data), Bundles.metadata(data), data.getDisplayId());
        }
    }

    void clear(boolean wait) {
        CellOutput output = outputOfThread();
        if (output != null) {
            output.clear(wait);
        }
    }

    /** Hands on what cells have printed so far. */
    public void flushOutput() {
        CellOutput output = outputOfThread();
        if (output != null) {
            output.flush();
        }
    }

    Evaluator evaluator() {
        return evaluator;
    }

    /** The text of the cell that runs. */
    String runningSource() {
        return runningSource;
    }

    /** The number of the cell that runs. */
    int runningNumber() {
        return runningNumber;
    }

    Interrupts interrupts() {
        return interrupts;
    }

    ClassLoader parentLoader() {
        return JavaSession.class.getClassLoader();
    }

    /** The output of the cell that started the thread; for pools' threads, of the latest cell. */
    private CellOutput outputOfThread() {
        CellOutput own = CellOutput.ofThread();
        return own != null ? own : current;
    }

    private Thread cellThread(Runnable work) {
        Thread thread = new Thread(null, work, "cell", 16L << 20);
        thread.setDaemon(true);
        thread.setContextClassLoader(loader);
        return thread;
    }
}
