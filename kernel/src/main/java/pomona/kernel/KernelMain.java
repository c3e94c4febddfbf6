package pomona.kernel;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import org.dflib.jjava.jupyter.kernel.KernelConnectionProperties;
import pomona.kernel.install.ClassArchive;
import pomona.kernel.protocol.KernelServer;

/** Runs a Jupyter kernel: {@code KernelMain CONNECTION_FILE}. */
public final class KernelMain {

    private static final long EXIT_MILLIS = 200;
    private static final long RENEWAL_MILLIS = Long.getLong("pomona.classes.renewal", 20_000);

    private KernelMain() {}

    /**
     * Serves the connection until a front end shuts it down, then ends the process.
     *
     * @param args the connection file that Jupyter wrote
     */
    public static void main(String[] args) throws IOException, GeneralSecurityException {
        if (args.length != 1) {
            System.err.println("The kernel needs one argument, the connection file that Jupyter writes; it got "
                    + args.length + ".");
            System.exit(2);
        }
        Path file = Path.of(args[0]);
        if (!Files.isRegularFile(file)) {
            System.err.println("There is no connection file " + file + ".");
            System.exit(2);
        }
        KernelServer server =
                new KernelServer(KernelConnectionProperties.parse(Files.readString(file)), JavaSession::start);
        onInterruptSignal(server::interrupt);
        followParent();
        renewArchiveLater();
        server.serve();
        exit();
    }

    /** Ends the process soon, even if a shutdown hook of the user's hangs. */
    private static void exit() {
        Thread halt = new Thread(
                () -> {
                    try {
                        Thread.sleep(EXIT_MILLIS);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    Runtime.getRuntime().halt(0);
                },
                "halt");
        halt.setDaemon(true);
        halt.start();
        System.exit(0);
    }

    /** Handles SIGINT, which would end the process; by reflection, since the compiler warns of sun.misc. */
    private static void onInterruptSignal(Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object proxy = Proxy.newProxyInstance(
                    KernelMain.class.getClassLoader(), new Class<?>[] {handler}, (self, method, arguments) -> {
                        switch (method.getName()) {
                            case "handle":
                                action.run();
                                return null;
                            case "hashCode":
                                return System.identityHashCode(self);
                            case "equals":
                                return self == arguments[0];
                            default:
                                return "interrupt handler";
                        }
                    });
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance("INT"), proxy);
        } catch (ClassNotFoundException
                | NoSuchMethodException
                | InstantiationException
                | IllegalAccessException
                | InvocationTargetException e) {
            // A JVM without signals interrupts by message.
        }
    }

    /** Makes the class archive anew, in a quiet time, if the JDK or the jars have changed since it was made. */
    private static void renewArchiveLater() {
        ClassArchive archive = ClassArchive.ofProcess();
        if (archive == null) {
            return;
        }
        Thread thread = new Thread(
                () -> {
                    try {
                        Thread.sleep(RENEWAL_MILLIS);
                        if (!archive.isCurrent()) {
                            archive.make();
                        }
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "class-archive");
        thread.setDaemon(true);
        thread.start();
    }

    /** Ends with the process that started the kernel, if Jupyter names it. */
    private static void followParent() {
        String parent = System.getenv("JPY_PARENT_PID");
        if (parent != null && parent.matches("[2-9]|\\d{2,9}")) {
            ProcessHandle.of(Long.parseLong(parent))
                    .ifPresent(handle -> handle.onExit().thenRun(KernelMain::exit));
        }
    }
}
