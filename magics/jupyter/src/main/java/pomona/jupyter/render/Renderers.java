package pomona.jupyter.render;

import java.util.function.Supplier;
import org.dflib.jjava.jupyter.kernel.display.Renderer;
import org.dflib.jjava.jupyter.kernel.display.mime.MIMEType;
import pomona.evaluate.Evaluation;
import pomona.graph.Network;
import pomona.train.LossHistory;
import tech.tablesaw.api.Table;
import tech.tablesaw.plotly.components.Figure;

/** Registers the views with a kernel. A view is made when the first value of its type is shown, not before. */
public final class Renderers {

    private Renderers() {}

    /** Registers a view for every type that Pomona shows. */
    public static void register(Renderer renderer) {
        register(renderer, Network.class, () -> new NetworkView());
        register(renderer, Evaluation.class, () -> new EvaluationView());
        register(renderer, LossHistory.class, () -> new LossView());
        register(renderer, Table.class, () -> new TableView());
        register(renderer, Figure.class, () -> new FigureView());
    }

    /**
     * Registers one view.
     *
     * @param view makes the view, once, when it is first needed
     */
    public static <T> void register(Renderer renderer, Class<T> type, Supplier<View<T>> view) {
        Once<View<T>> once = new Once<>(view);
        renderer.createRegistration(type)
                .preferring(MIMEType.TEXT_HTML, MIMEType.TEXT_PLAIN)
                .register((value, context) -> {
                    context.renderIfRequested(
                            MIMEType.TEXT_HTML, () -> once.get().html(value));
                    context.renderIfRequested(
                            MIMEType.TEXT_PLAIN, () -> once.get().text(value));
                });
    }

    /** A value that is made when it is first asked for. */
    private static final class Once<V> {

        private final Supplier<V> maker;
        private V made;

        Once(Supplier<V> maker) {
            this.maker = maker;
        }

        synchronized V get() {
            if (made == null) {
                made = maker.get();
            }
            return made;
        }
    }
}
