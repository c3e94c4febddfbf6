package pomona.jupyter.render;

import java.util.function.Supplier;
import pomona.evaluate.Evaluation;
import pomona.evaluate.Profile;
import pomona.evaluate.Sensitivity;
import pomona.evaluate.Tradeoff;
import pomona.graph.Network;
import pomona.quantize.LayerSearch;
import pomona.train.LossHistory;
import tech.tablesaw.api.Table;
import tech.tablesaw.plotly.components.Figure;

/** The views of all types that Pomona shows. A view is made when the first value of its type is shown, not before. */
public final class Views {

    /** Where views are registered: a kernel's renderer. */
    public interface Shelf {
        /** Registers the view of a type and of its subtypes. */
        <T> void show(Class<T> type, View<? super T> view);
    }

    private Views() {}

    /** Registers a view for every type. Lambdas, since references to constructors would load the views. */
    public static void register(Shelf shelf) {
        shelf.show(Network.class, lazily(() -> new NetworkView()));
        shelf.show(Evaluation.class, lazily(() -> new EvaluationView()));
        shelf.show(Tradeoff.class, lazily(() -> new TradeoffView()));
        shelf.show(Profile.class, lazily(() -> new ProfileView()));
        shelf.show(Sensitivity.class, lazily(() -> new SensitivityView()));
        shelf.show(LayerSearch.class, lazily(() -> new LayerSearchView()));
        shelf.show(Note.class, lazily(() -> new NoteView()));
        shelf.show(LossHistory.class, lazily(() -> new LossView()));
        shelf.show(Table.class, lazily(() -> new TableView()));
        shelf.show(Figure.class, lazily(() -> new FigureView()));
    }

    private static <T> View<T> lazily(Supplier<View<T>> maker) {
        return new LazyView<>(maker);
    }

    /** A view that is made when it is first asked. */
    private static final class LazyView<T> implements View<T> {

        private final Supplier<View<T>> maker;
        private View<T> made;

        LazyView(Supplier<View<T>> maker) {
            this.maker = maker;
        }

        @Override
        public String html(T value) {
            return view().html(value);
        }

        @Override
        public String text(T value) {
            return view().text(value);
        }

        private synchronized View<T> view() {
            if (made == null) {
                made = maker.get();
            }
            return made;
        }
    }
}
