package pomona.jupyter;

import java.util.List;
import org.dflib.jjava.jupyter.Extension;
import org.dflib.jjava.jupyter.kernel.BaseKernel;
import org.dflib.jjava.jupyter.kernel.BaseNotebookStatics;
import org.dflib.jjava.jupyter.kernel.display.mime.MIMEType;
import org.dflib.jjava.jupyter.kernel.magic.LineMagic;
import picocli.CommandLine.Model.CommandSpec;
import pomona.jupyter.magic.Magic;
import pomona.jupyter.render.View;

/**
 * Brings Pomona into JJava and into Pomona's own kernel, which find it through {@code META-INF/services}.
 *
 * <p>Uses of jjava what 1.0-a6 and later versions have in common, and nothing else.
 */
public final class PomonaExtension implements Extension {

    private Installation installation;

    @Override
    public void install(BaseKernel kernel) {
        installation = Installation.into(new Host(kernel, JjavaWidgets.in(kernel)));
    }

    @Override
    public void uninstall(BaseKernel kernel) {
        if (installation != null) {
            installation.close();
            installation = null;
        }
    }

    private record Host(BaseKernel kernel, WidgetPort widgets) implements HostKernel {

        @Override
        public Object eval(String source) {
            return BaseNotebookStatics.eval(source);
        }

        @Override
        public String display(Object value) {
            return BaseNotebookStatics.display(value);
        }

        @Override
        public void updateDisplay(String id, Object value) {
            BaseNotebookStatics.updateDisplay(id, value);
        }

        @Override
        public void register(String name, Magic<?> magic) {
            kernel.getMagicsRegistry().registerLineMagic(name, new Line<>(magic));
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

    /**
     * A magic as jjava calls it.
     *
     * @param magic Pomona's
     */
    public record Line<T>(Magic<T> magic) implements LineMagic<T, BaseKernel> {

        /** The type of its value, for kernels that ask; the class of this record does not tell. */
        public Class<T> type() {
            return magic.type();
        }

        /** What the line takes, for kernels that complete it. */
        public CommandSpec commandSpec(List<String> words) {
            return magic.commandSpec(words);
        }

        /** Its help, for kernels that document it. */
        public String help() {
            return magic.help();
        }

        @Override
        public T eval(BaseKernel kernel, List<String> args) {
            return magic.eval(args);
        }
    }
}
