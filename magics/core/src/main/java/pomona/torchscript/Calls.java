package pomona.torchscript;

import java.util.HashMap;
import java.util.Map;

/** The functions of PyTorch that can be written as operators, by their names without {@code torch.} */
final class Calls {

    /** Writes one call, and gives what it gives: a symbol, a number, or a list. */
    interface Rule {
        Object write(Site site);
    }

    private static final Map<String, Rule> RULES = rules();

    private Calls() {}

    static Rule named(String name) {
        return RULES.get(name);
    }

    private static Map<String, Rule> rules() {
        Map<String, Rule> rules = new HashMap<>();
        ElementwiseCalls.addTo(rules);
        LayerCalls.addTo(rules);
        ShapeCalls.addTo(rules);
        IndexCalls.addTo(rules);
        GatherCalls.addTo(rules);
        FillCalls.addTo(rules);
        ReductionCalls.addTo(rules);
        PoolingCalls.addTo(rules);
        RecurrentCalls.addTo(rules);
        return rules;
    }
}
