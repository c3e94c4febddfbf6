package pomona.structure;

import java.util.HashMap;
import java.util.Map;

/** The rules of all operators that are understood. */
final class Rules {

    private static final Map<String, Rule> RULES = new HashMap<>();

    static {
        ElementwiseRules.register(RULES);
        LinearRules.register(RULES);
        NormalizationRules.register(RULES);
        WindowRules.register(RULES);
        LayoutRules.register(RULES);
        SelectionRules.register(RULES);
        RecurrentRules.register(RULES);
    }

    private Rules() {}

    /** The rule of an operator of the standard set, or null. */
    static Rule of(String op) {
        return RULES.get(op);
    }
}
