package pomona.jupyter.adapter.rapaio;

import java.util.ArrayList;
import java.util.List;
import org.rapaio.jupyter.kernel.display.DisplayData;
import org.rapaio.jupyter.kernel.display.DisplayRenderer;
import org.rapaio.jupyter.kernel.display.DisplayTransformer;
import org.rapaio.jupyter.kernel.display.MimeType;
import org.rapaio.jupyter.kernel.display.spi.DisplayProvider;
import pomona.jupyter.Installation;
import pomona.jupyter.render.View;
import pomona.jupyter.render.Views;

/** Pomona's views for rapaio's kernel, which finds this class through {@code META-INF/services}. */
public final class PomonaDisplays implements DisplayProvider {

    @Override
    public List<DisplayRenderer> getDisplayRenderers() {
        List<DisplayRenderer> renderers = new ArrayList<>();
        Installation.views(new Views.Shelf() {
            @Override
            public <T> void show(Class<T> type, View<? super T> view) {
                renderers.add(new Shown<>(type, view));
            }
        });
        return renderers;
    }

    @Override
    public List<DisplayTransformer> getDisplayTransformers() {
        return List.of();
    }

    private record Shown<T>(Class<T> type, View<? super T> view) implements DisplayRenderer {

        @Override
        public Class<?> rendererClass() {
            return type;
        }

        @Override
        public boolean canRender(String mime) {
            return mime == null
                    || MimeType.HTML.longType().equals(mime)
                    || MimeType.TEXT.longType().equals(mime);
        }

        @Override
        public DisplayData render(String mime, Object value) {
            T shown = type.cast(value);
            DisplayData data = DisplayData.fromText(view.text(shown));
            if (!MimeType.TEXT.longType().equals(mime)) {
                data.putHTML(view.html(shown));
            }
            return data;
        }
    }
}
