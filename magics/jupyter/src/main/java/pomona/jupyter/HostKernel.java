package pomona.jupyter;

import pomona.jupyter.magic.KernelSession;
import pomona.jupyter.magic.Magic;
import pomona.jupyter.render.Views;

/** A Java kernel as Pomona needs it: the one interface that an adapter implements. */
public interface HostKernel extends KernelSession.Evaluator, Views.Shelf {

    /** Makes a magic known to the kernel. */
    void register(String name, Magic<?> magic);

    @Override
    String display(Object value);

    /** Shows another value in the place of one that was displayed. */
    void updateDisplay(String id, Object value);

    /** The front end's widgets, where the kernel reaches them. */
    default WidgetPort widgets() {
        return WidgetPort.NONE;
    }
}
