package pomona.graph;

import java.util.List;

/** Says the types of an operator's outputs from those of its inputs; missing ones are unknown. */
@FunctionalInterface
interface ShapeRule {
    List<ValueType> infer(ShapeContext context);

    /** A rule for an operator with one output. */
    static ShapeRule one(java.util.function.Function<ShapeContext, ValueType> rule) {
        return context -> List.of(rule.apply(context));
    }
}
