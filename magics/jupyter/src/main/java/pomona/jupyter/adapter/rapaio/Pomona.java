package pomona.jupyter.adapter.rapaio;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.rapaio.jupyter.kernel.MainApp;
import org.rapaio.jupyter.kernel.core.RapaioKernel;
import org.rapaio.jupyter.kernel.global.Global;
import pomona.jupyter.HostKernel;
import pomona.jupyter.Installation;
import pomona.jupyter.adapter.UserMistakes;
import pomona.jupyter.magic.Magic;
import pomona.jupyter.render.View;
import pomona.pass.NearestNames;

/** Brings Pomona into rapaio's kernel, and calls magics there by a method, since that kernel takes none from others. */
public final class Pomona {

    private static final Map<String, Magic<?>> MAGICS = new TreeMap<>();

    private Pomona() {}

    /** Makes the imports, has the views found and shows progress from now on; a second call does nothing. */
    public static synchronized void install() {
        if (MAGICS.isEmpty()) {
            Installation.into(new Host());
        }
    }

    /**
     * The value of a magic, as {@code Network small = Pomona.magic("%prune lenet --sparsity 0.9")}.
     *
     * @param line the magic with its arguments; the percent sign may be left out
     * @param <T> the type that the cell wants it in
     * @return the value, or null when help was asked for and printed
     * @throws IllegalArgumentException if there is no such magic or the line is wrong; the message is one sentence
     */
    @SuppressWarnings("unchecked")
    public static <T> T magic(String line) {
        install();
        List<String> words = MagicWords.of(line.strip().replaceFirst("^%", ""));
        String name = words.isEmpty() ? "" : words.get(0);
        Magic<?> magic = MAGICS.get(name);
        if (magic == null) {
            IllegalArgumentException mistake = new IllegalArgumentException(
                    "There is no magic %" + name + NearestNames.suggest(name, MAGICS.keySet()));
            mistake.setStackTrace(new StackTraceElement[0]);
            throw mistake;
        }
        return (T) UserMistakes.hidingFrames(magic, words.subList(1, words.size()));
    }

    private record Host() implements HostKernel {

        @Override
        public Object eval(String source) throws Exception {
            RapaioKernel kernel = MainApp.kernel;
            // Not Global.eval, which gives the value as it looks and not the value.
            return kernel.javaEngine().eval(kernel.executionContext(), source);
        }

        @Override
        public String display(Object value) {
            return Global.display(value);
        }

        @Override
        public void updateDisplay(String id, Object value) {
            Global.updateDisplay(id, value);
        }

        @Override
        public void register(String name, Magic<?> magic) {
            MAGICS.put(name, magic);
        }

        /** Views come by the service {@link PomonaDisplays}; the kernel may have looked before this jar was there. */
        @Override
        public <T> void show(Class<T> type, View<? super T> view) {}
    }
}
