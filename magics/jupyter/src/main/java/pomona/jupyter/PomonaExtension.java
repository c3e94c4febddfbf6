package pomona.jupyter;

import org.dflib.jjava.jupyter.Extension;
import org.dflib.jjava.jupyter.kernel.BaseKernel;
import org.dflib.jjava.jupyter.kernel.BaseNotebookStatics;
import pomona.jupyter.magic.KernelSession;
import pomona.jupyter.magic.Magics;
import pomona.jupyter.render.Renderers;
import pomona.pass.Progress;

/**
 * Brings Pomona into a Java kernel: its magics, how its values look, the progress display, and the imports. The
 * kernel finds it through {@code META-INF/services}.
 */
public final class PomonaExtension implements Extension {

    private Progress.Listener listenerBefore;

    @Override
    public void install(BaseKernel kernel) {
        Renderers.register(kernel.getRenderer());
        Renderers.register(kernel.getRenderer(), ProgressState.class, () -> new ProgressView());
        Magics.register(kernel.getMagicsRegistry(), new KernelSession());
        listenerBefore = Progress.listen(new ProgressDisplay(ProgressDisplay.NOTEBOOK, System::nanoTime));
        String imports = Imports.read();
        if (!imports.isEmpty()) {
            BaseNotebookStatics.eval(imports);
        }
    }

    @Override
    public void uninstall(BaseKernel kernel) {
        if (listenerBefore != null) {
            Progress.listen(listenerBefore);
            listenerBefore = null;
        }
    }
}
