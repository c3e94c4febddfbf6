package pomona.jupyter.magic;

import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import pomona.graph.Network;
import pomona.jupyter.render.Note;
import pomona.pass.Pass;
import pomona.simplify.AllFolding;

/** Makes a network simpler, and says in one line how much simpler it is and which passes did it. */
final class SimplifyMagic extends PassMagic {

    private Map<String, Integer> removed = Map.of();

    SimplifyMagic(Session session) {
        super(session, "simplify", "simplify", "Makes a network simpler; its outputs stay the same.");
    }

    @Override
    Network apply(Pass pass, Network network) {
        removed = Map.of();
        if (!(pass instanceof AllFolding all)) {
            return super.apply(pass, network);
        }
        AllFolding.Folded folded = all.fold(network);
        removed = folded.removed();
        return folded.network().withStep(all.step());
    }

    @Override
    void show(Network before, Network after, Map<String, Object> options) {
        String passes = removed.entrySet().stream()
                .map(pass -> pass.getKey()
                        + (pass.getValue() == 0 ? "" : String.format(Locale.ROOT, " (%+,d)", -pass.getValue())))
                .collect(Collectors.joining(", "));
        session.display(new Note(
                before.name(),
                operators(before, after) + opset(before, after) + (passes.isEmpty() ? "" : ", by " + passes)));
    }

    private static String operators(Network before, Network after) {
        int from = before.nodes().size();
        int to = after.nodes().size();
        boolean same = before.opset() == after.opset()
                && before.nodes().equals(after.nodes())
                && before.weights().equals(after.weights());
        String count = from == to
                ? String.format(Locale.ROOT, "%,d", from)
                : String.format(Locale.ROOT, "%,d", from) + " -> " + String.format(Locale.ROOT, "%,d", to);
        return count + (to == 1 ? " operator" : " operators") + (same ? ", nothing changed" : "");
    }

    private static String opset(Network before, Network after) {
        return before.opset() == after.opset() ? "" : ", opset " + before.opset() + " -> " + after.opset();
    }
}
