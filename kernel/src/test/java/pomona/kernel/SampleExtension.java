package pomona.kernel;

import java.util.List;
import org.dflib.jjava.jupyter.Extension;
import org.dflib.jjava.jupyter.kernel.BaseKernel;
import org.dflib.jjava.jupyter.kernel.BaseNotebookStatics;
import org.dflib.jjava.jupyter.kernel.display.mime.MIMEType;
import org.dflib.jjava.jupyter.kernel.magic.CellMagic;
import org.dflib.jjava.jupyter.kernel.magic.LineMagic;

/** An extension such as others write: magics with and without types, a renderer, imports. */
public final class SampleExtension implements Extension {

    /** A value that renders as HTML too. */
    public record Fruit(String name, int weight) {}

    /** A base with its own order of type parameters, to be seen through. */
    public abstract static class TypedMagic<K extends BaseKernel, R> implements LineMagic<R, K> {}

    /** Grows a fruit: {@code %fruit name weight}. */
    public static final class FruitMagic extends TypedMagic<BaseKernel, Fruit> {
        @Override
        public Fruit eval(BaseKernel kernel, List<String> args) {
            int weight = args.size() > 1 ? Integer.parseInt(args.get(1)) : 1;
            if (weight < 0) {
                throw new IllegalArgumentException("The weight -1 is out of range: give 0 or more.");
            }
            return new Fruit(args.get(0), weight);
        }
    }

    /** Gives back the value of a session variable: {@code %value name}. */
    public static final class ValueMagic implements LineMagic<Object, BaseKernel> {
        @Override
        public Object eval(BaseKernel kernel, List<String> args) {
            return BaseNotebookStatics.eval(args.get(0));
        }
    }

    /** Fails unexpectedly. */
    public static final class BrokenMagic implements LineMagic<Void, BaseKernel> {
        @Override
        public Void eval(BaseKernel kernel, List<String> args) {
            throw new IllegalStateException("out of order");
        }
    }

    /** Joins arguments and body. */
    public static final class JoinMagic implements CellMagic<String, BaseKernel> {
        @Override
        public String eval(BaseKernel kernel, List<String> args, String body) {
            return args + "|" + body;
        }
    }

    @Override
    public void install(BaseKernel kernel) {
        kernel.getMagicsRegistry()
                .registerLineMagic("fruit", new FruitMagic())
                .registerLineMagic("value", new ValueMagic())
                .registerLineMagic("broken", new BrokenMagic())
                .registerLineMagic("echo", (k, args) -> String.join("|", args))
                .registerCellMagic("join", new JoinMagic());
        kernel.getRenderer()
                .createRegistration(Fruit.class)
                .preferring(MIMEType.TEXT_HTML)
                .register((fruit, context) ->
                        context.renderIfRequested(MIMEType.TEXT_HTML, () -> "<b>" + fruit.name() + "</b>"));
        kernel.eval("import pomona.kernel.SampleExtension.*; import java.text.*;");
    }
}
