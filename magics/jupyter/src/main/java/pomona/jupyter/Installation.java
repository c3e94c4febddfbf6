package pomona.jupyter;

import pomona.jupyter.magic.KernelSession;
import pomona.jupyter.magic.Magics;
import pomona.jupyter.render.Views;
import pomona.pass.Progress;

/** Pomona in a running kernel: its magics, how its values look, the progress display, and the imports. */
public final class Installation implements AutoCloseable {

    private Progress.Listener listenerBefore;

    private Installation(Progress.Listener listenerBefore) {
        this.listenerBefore = listenerBefore;
    }

    /**
     * Brings all of it into a kernel.
     *
     * @throws IllegalStateException if the kernel does not take the imports
     */
    public static Installation into(HostKernel kernel) {
        views(kernel);
        Magics.in(new KernelSession(kernel)).forEach(kernel::register);
        Progress.Listener before =
                Progress.listen(new ProgressDisplay(ProgressDisplay.Screen.of(kernel), System::nanoTime));
        String imports = Imports.read();
        if (!imports.isEmpty()) {
            try {
                kernel.eval(imports);
            } catch (Exception e) {
                throw new IllegalStateException("The kernel does not take Pomona's imports: " + e.getMessage(), e);
            }
        }
        return new Installation(before);
    }

    /** Registers the views alone. */
    public static void views(Views.Shelf shelf) {
        Views.register(shelf);
        shelf.show(ProgressState.class, new ProgressView());
    }

    /** Ends the progress display; what was registered stays with the kernel. */
    @Override
    public void close() {
        if (listenerBefore != null) {
            Progress.listen(listenerBefore);
            listenerBefore = null;
        }
    }
}
