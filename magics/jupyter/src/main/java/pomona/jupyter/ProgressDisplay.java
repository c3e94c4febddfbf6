package pomona.jupyter;

import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.function.LongSupplier;
import pomona.pass.Progress;

/**
 * Shows every piece of work under one display id: a bar while it runs, one line when it has ended. Work that ends
 * soon shows nothing, and a display changes at most five times a second.
 *
 * <p>The bar is a widget where the front end has widgets, else HTML; the line is never a widget, so that a saved notebook
 * shows it everywhere.
 */
final class ProgressDisplay implements Progress.Listener {

    static final long SHOW_AFTER_NANOS = 300_000_000;
    static final long UPDATE_EVERY_NANOS = 200_000_000;

    /** Where displays go; a notebook, or a list in tests. */
    interface Screen {
        /** Shows a value and gives back the id of its display. */
        String display(Object value);

        void update(String id, Object value);

        default WidgetPort widgets() {
            return WidgetPort.NONE;
        }

        /** The running cell of a kernel. */
        static Screen of(HostKernel kernel) {
            return new Screen() {
                @Override
                public String display(Object value) {
                    return kernel.display(value);
                }

                @Override
                public void update(String id, Object value) {
                    kernel.updateDisplay(id, value);
                }

                @Override
                public WidgetPort widgets() {
                    return kernel.widgets();
                }
            };
        }
    }

    private static final class Shown {
        final long startNanos;
        long updatedNanos;
        String displayId;
        ProgressWidget widget;

        Shown(long startNanos) {
            this.startNanos = startNanos;
        }
    }

    private final Screen screen;
    private final LongSupplier clock;
    private final Map<Progress, Shown> running = Collections.synchronizedMap(new WeakHashMap<>());

    ProgressDisplay(Screen screen, LongSupplier nanoClock) {
        this.screen = screen;
        this.clock = nanoClock;
    }

    @Override
    public void changed(Progress progress) {
        long now = clock.getAsLong();
        Shown shown = running.computeIfAbsent(progress, p -> new Shown(now));
        long elapsed = now - shown.startNanos;
        if (progress.isEnded()) {
            running.remove(progress);
            show(progress, shown, elapsed);
        } else if (elapsed >= SHOW_AFTER_NANOS && now - shown.updatedNanos >= UPDATE_EVERY_NANOS) {
            shown.updatedNanos = now;
            show(progress, shown, elapsed);
        }
    }

    private void show(Progress progress, Shown shown, long elapsed) {
        ProgressState state = ProgressState.of(progress, elapsed);
        if (shown.displayId == null) {
            if (elapsed >= SHOW_AFTER_NANOS) {
                shown.displayId = screen.display(begin(shown, state));
            }
        } else if (shown.widget == null) {
            screen.update(shown.displayId, state);
        } else if (state.ended()) {
            screen.update(shown.displayId, state);
            shown.widget.close();
        } else {
            shown.widget.update(state);
        }
    }

    private Object begin(Shown shown, ProgressState state) {
        WidgetPort widgets = screen.widgets();
        if (state.ended() || !widgets.isOpen()) {
            return state;
        }
        shown.widget = new ProgressWidget(widgets, state);
        return shown.widget.view();
    }
}
