package pomona.jupyter;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.Map;
import org.dflib.jjava.jupyter.kernel.BaseKernel;
import org.dflib.jjava.jupyter.kernel.comm.Comm;
import org.dflib.jjava.jupyter.kernel.comm.CommManager;
import org.dflib.jjava.jupyter.kernel.display.mime.MIMEType;
import org.dflib.jjava.jupyter.messages.Message;
import org.dflib.jjava.jupyter.messages.comm.CommCloseCommand;
import org.dflib.jjava.jupyter.messages.comm.CommMsgCommand;

/**
 * Widgets through jjava's comms.
 *
 * <p>A front end that has widgets asks each kernel that it connects to for the widgets there are, on a comm of its own:
 * that is how it is known to have them. Source: ipywidgets, packages/schema/messages.md, protocol 2.1.
 *
 * <p>JJava's distribution holds Gson under another name, so that its comms can not be linked to: there it stays closed.
 */
final class JjavaWidgets implements WidgetPort {

    private static final String CONTROL = "jupyter.widget.control";
    private static final String MODEL = "jupyter.widget";
    private static final String VERSION = "2.1.0";
    private static final MIMEType MIME = MIMEType.parse(WidgetView.MIME);

    private final CommManager comms;
    private volatile boolean open;

    private JjavaWidgets(CommManager comms) {
        this.comms = comms;
    }

    /** Listens for a front end with widgets, and shows their views. */
    static WidgetPort in(BaseKernel kernel) {
        try {
            JjavaWidgets widgets = new JjavaWidgets(kernel.getCommManager());
            widgets.comms.registerTarget(CONTROL, (manager, id, target, message) -> widgets.new Control(id, target));
            kernel.getRenderer()
                    .createRegistration(WidgetView.class)
                    .preferring(MIME, MIMEType.TEXT_PLAIN)
                    .register((view, context) -> {
                        context.renderIfRequested(MIME, view::json);
                        context.renderIfRequested(MIMEType.TEXT_PLAIN, view::text);
                    });
            return widgets;
        } catch (LinkageError e) {
            return NONE;
        }
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public Model open(Map<String, Object> state) {
        return comms.openComm(MODEL, (manager, id, target, message) -> {
            message.getNonNullMetadata().put("version", VERSION);
            message(state).entrySet().stream()
                    .filter(entry -> !entry.getKey().equals("method"))
                    .forEach(entry -> message.getContent().getData().add(entry.getKey(), entry.getValue()));
            return new ModelComm(manager, id, target);
        });
    }

    private static JsonObject message(Map<String, Object> state) {
        JsonObject data = new JsonObject();
        data.addProperty("method", "update");
        data.add("state", new Gson().toJsonTree(state));
        data.add("buffer_paths", new JsonArray());
        return data;
    }

    /** The comm on which a front end asks for the widgets there are. It is heard between cells, when there are none. */
    private final class Control extends Comm {

        Control(String id, String target) {
            super(comms, id, target);
        }

        @Override
        protected void onMessage(Message<CommMsgCommand> message) {
            try {
                JsonObject answer = new JsonObject();
                answer.addProperty("method", "update_states");
                answer.add("states", new JsonObject());
                answer.add("buffer_paths", new JsonArray());
                send(answer, Map.of("version", "1.0.0"), List.of());
                open = true;
            } catch (LinkageError e) {
                open = false;
            }
        }

        @Override
        protected void onClose(Message<CommCloseCommand> message, boolean sending) {}
    }

    private static final class ModelComm extends Comm implements Model {

        ModelComm(CommManager manager, String id, String target) {
            super(manager, id, target);
        }

        @Override
        public String id() {
            return getID();
        }

        @Override
        public void update(Map<String, Object> state) {
            send(message(state));
        }

        @Override
        protected void onMessage(Message<CommMsgCommand> message) {}

        @Override
        protected void onClose(Message<CommCloseCommand> message, boolean sending) {}
    }
}
