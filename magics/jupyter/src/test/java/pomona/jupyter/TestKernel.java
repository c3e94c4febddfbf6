package pomona.jupyter;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.dflib.jjava.jupyter.kernel.BaseKernel;
import org.dflib.jjava.jupyter.kernel.JupyterIO;
import org.dflib.jjava.jupyter.kernel.LanguageInfo;
import org.dflib.jjava.jupyter.kernel.ReplacementOptions;
import org.dflib.jjava.jupyter.kernel.comm.CommManager;
import org.dflib.jjava.jupyter.kernel.display.DisplayData;
import org.dflib.jjava.jupyter.kernel.display.Renderer;
import org.dflib.jjava.jupyter.kernel.magic.MagicsRegistry;
import org.dflib.jjava.jupyter.kernel.util.StringStyler;

/** A kernel whose language is names of variables: enough to install the extension into and to call magics on. */
public final class TestKernel extends BaseKernel implements AutoCloseable {

    /** The session's variables. */
    public final Map<String, Object> variables = new LinkedHashMap<>();

    final List<String> evaluated = new ArrayList<>();
    final List<DisplayData> displays = new ArrayList<>();
    private final PomonaExtension extension = new PomonaExtension();

    public TestKernel() {
        super(
                "test",
                "1",
                new LanguageInfo.Builder("java").build(),
                List.of(),
                null,
                new JupyterIO(StandardCharsets.UTF_8),
                new CommManager(),
                new Renderer(),
                null,
                new MagicsRegistry(),
                false,
                new StringStyler.Builder().build());
        onStartup();
        extension.install(this);
    }

    /** Calls a magic as the kernel does. */
    public Object magic(String name, String... args) throws Exception {
        return getMagicsRegistry().evalLineMagic(this, name, List.of(args));
    }

    @Override
    public Object evalRaw(String source) {
        evaluated.add(source);
        if (source.startsWith("import ")) {
            return null;
        }
        if (!variables.containsKey(source)) {
            throw new IllegalStateException("cannot find symbol: " + source);
        }
        return variables.get(source);
    }

    @Override
    public void display(DisplayData data) {
        displays.add(data);
    }

    @Override
    public void close() {
        extension.uninstall(this);
        onShutdown(false);
    }

    @Override
    public DisplayData inspect(String code, int at, boolean extraDetail) {
        return null;
    }

    @Override
    public ReplacementOptions complete(String code, int at) {
        return null;
    }

    @Override
    public String isComplete(String code) {
        return IS_COMPLETE_MAYBE;
    }
}
