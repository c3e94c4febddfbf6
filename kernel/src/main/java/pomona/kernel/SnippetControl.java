package pomona.kernel;

import java.io.File;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import jdk.jshell.VarSnippet;
import jdk.jshell.execution.DirectExecutionControl;
import jdk.jshell.execution.LoaderDelegate;
import jdk.jshell.spi.ExecutionControl;

/**
 * Runs snippets inside this process, in a class loader of their own, and keeps the values and throwables that JShell
 * would reduce to strings.
 */
final class SnippetControl extends DirectExecutionControl {

    private final SnippetLoader loader;
    private final ReentrantLock compiling;
    private final Interrupts interrupts;
    private Object value;
    private Throwable failure;
    private Field fieldRead;
    private RunClock clock;
    private int running;
    private boolean forgetting;

    /**
     * Makes the engine.
     *
     * @param loader holds the snippets' classes
     * @param compiling the lock that JShell is used under; released while the user's code runs, so that it may evaluate
     * @param interrupts told when the user's code begins and ends
     */
    SnippetControl(SnippetLoader loader, ReentrantLock compiling, Interrupts interrupts) {
        super(loader);
        this.loader = loader;
        this.compiling = compiling;
        this.interrupts = interrupts;
    }

    /** Lets a clock run while cells' code runs, and not while it is compiled; null for none. */
    void timeBy(RunClock other) {
        clock = other;
    }

    /** The value of the last snippet, given once. */
    Object takeValue() {
        Object taken = value;
        value = null;
        return taken;
    }

    /** Where the variable is stored that was read last. */
    Field fieldRead() {
        return fieldRead;
    }

    /** What snippets threw since it was taken last, the first of it: one text can declare several variables. */
    Throwable takeFailure() {
        Throwable taken = failure;
        failure = null;
        return taken;
    }

    @Override
    protected String invoke(Method doit) throws Exception {
        Object returned = null;
        Throwable thrown = null;
        compiling.unlock();
        boolean before = interrupts.enter(true);
        if (clock != null && running == 0) {
            clock.start();
        }
        running++;
        try {
            returned = doit.invoke(null);
        } catch (InvocationTargetException e) {
            thrown = e.getCause();
            throw e;
        } finally {
            running--;
            if (clock != null && running == 0) {
                clock.stop();
            }
            interrupts.leave(before);
            compiling.lock();
            value = returned;
            if (failure == null) {
                failure = thrown;
            }
        }
        return "";
    }

    @Override
    public String varValue(String className, String varName) throws InternalException {
        try {
            Field field = findClass(className).getDeclaredField(varName);
            field.setAccessible(true);
            fieldRead = field;
            value = field.get(null);
            if (forgetting && !field.getType().isPrimitive()) {
                field.set(null, null);
            }
            return "";
        } catch (ReflectiveOperationException e) {
            throw new InternalException(e.toString());
        }
    }

    /** Lets the values of variables that are read go, which their classes would keep; until told otherwise. */
    void forgetting(boolean on) {
        forgetting = on;
    }

    /** Lets go of the value of a variable that was dropped; its class stays loaded, and would hold it. */
    void forget(VarSnippet variable) {
        Class<?> wrapper = loader.loaded("REPL.$JShell$" + variable.id());
        if (wrapper == null) {
            return;
        }
        try {
            Field field = wrapper.getDeclaredField(variable.name());
            if (!field.getType().isPrimitive()) {
                field.setAccessible(true);
                field.set(null, null);
            }
        } catch (ReflectiveOperationException e) {
            // A class of another form holds the value: it stays.
        }
    }

    /** Defines the snippets' classes, each woven with interruption checks, and finds those of jars that were added. */
    static final class SnippetLoader extends URLClassLoader implements LoaderDelegate {

        private final Map<String, byte[]> bytecodes = new ConcurrentHashMap<>();

        SnippetLoader(ClassLoader parent) {
            super("cells", new URL[0], parent);
        }

        @Override
        public void load(ExecutionControl.ClassBytecodes[] classes) throws ExecutionControl.ClassInstallException {
            boolean[] loaded = new boolean[classes.length];
            for (ExecutionControl.ClassBytecodes one : classes) {
                bytecodes.put(one.name(), one.bytecodes());
            }
            try {
                for (int i = 0; i < classes.length; i++) {
                    loadClass(classes[i].name()).getDeclaredMethods();
                    loaded[i] = true;
                }
            } catch (ClassNotFoundException | LinkageError e) {
                throw new ExecutionControl.ClassInstallException("can not load a cell's class: " + e, loaded);
            }
        }

        Class<?> loaded(String name) {
            return findLoadedClass(name);
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            // Asking the parent first would search every jar of the class path for each of a cell's classes.
            if (name.startsWith("REPL.")) {
                synchronized (getClassLoadingLock(name)) {
                    return findClass(name);
                }
            }
            return super.loadClass(name, resolve);
        }

        @Override
        public Class<?> findClass(String name) throws ClassNotFoundException {
            Class<?> known = findLoadedClass(name);
            if (known != null) {
                return known;
            }
            byte[] bytes = bytecodes.remove(name);
            if (bytes == null) {
                return super.findClass(name);
            }
            byte[] woven = CancellationWeaver.weave(bytes);
            return defineClass(name, woven, 0, woven.length);
        }

        @Override
        public void classesRedefined(ExecutionControl.ClassBytecodes[] classes) {
            // JShell replaces classes instead: this engine can not redefine.
        }

        @Override
        public void addToClasspath(String path) throws ExecutionControl.InternalException {
            try {
                for (String entry : path.split(File.pathSeparator)) {
                    addURL(Path.of(entry).toUri().toURL());
                }
            } catch (MalformedURLException e) {
                throw new ExecutionControl.InternalException(path + " can not be on a class path: " + e);
            }
        }
    }
}
