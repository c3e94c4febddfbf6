package pomona.torchscript;

import java.util.List;
import java.util.Map;
import pomona.graph.Attribute;
import pomona.graph.ElementType;

/** Arithmetic, comparisons and activations. Source: the functions' pages in PyTorch's documentation. */
final class ElementwiseCalls {

    private ElementwiseCalls() {}

    static void addTo(Map<String, Calls.Rule> rules) {
        rules.put("add", site -> sum(site, "Add", site.arg(0), site.arg(1)));
        rules.put("sub", site -> sum(site, "Sub", site.arg(0), site.arg(1)));
        rules.put("rsub", site -> sum(site, "Sub", site.arg(1), site.arg(0)));
        rules.put("mul", site -> binary(site, "Mul", site.arg(0), site.arg(1)));
        rules.put("div", ElementwiseCalls::div);
        rules.put("true_divide", ElementwiseCalls::div);
        rules.put("floor_divide", site -> floorDivide(site));
        rules.put("remainder", ElementwiseCalls::remainder);
        rules.put("square", site -> binary(site, "Mul", site.arg(0), site.arg(0)));
        rules.put("pow", ElementwiseCalls::pow);
        rules.put("maximum", site -> binary(site, "Max", site.arg(0), site.arg(1)));
        rules.put("minimum", site -> binary(site, "Min", site.arg(0), site.arg(1)));
        comparisons(rules);
        Map.of(
                        "exp",
                        "Exp",
                        "log",
                        "Log",
                        "sqrt",
                        "Sqrt",
                        "erf",
                        "Erf",
                        "sin",
                        "Sin",
                        "cos",
                        "Cos",
                        "sigmoid",
                        "Sigmoid",
                        "tanh",
                        "Tanh",
                        "reciprocal",
                        "Reciprocal")
                .forEach((name, op) -> rules.put(name, site -> site.same(op, site.toFloat(site.tensor(0)))));
        Map.of(
                        "relu",
                        "Relu",
                        "abs",
                        "Abs",
                        "neg",
                        "Neg",
                        "floor",
                        "Floor",
                        "ceil",
                        "Ceil",
                        "round",
                        "Round",
                        "sign",
                        "Sign",
                        "hardswish",
                        "HardSwish",
                        "softplus",
                        "Softplus")
                .forEach((name, op) -> rules.put(name, site -> site.same(op, site.tensor(0))));
        rules.put("rsqrt", site -> site.same("Reciprocal", site.same("Sqrt", site.toFloat(site.tensor(0)))));
        rules.put("relu6", site -> clip(site, site.tensor(0), 0.0, 6.0));
        rules.put("hardtanh", site -> clip(site, site.tensor(0), site.real(1, -1), site.real(2, 1)));
        rules.put("clamp", site -> clip(site, site.tensor(0), bound(site, 1, "min"), bound(site, 2, "max")));
        rules.put("clamp_min", site -> clip(site, site.tensor(0), bound(site, 1, "min"), null));
        rules.put("clamp_max", site -> clip(site, site.tensor(0), null, bound(site, 1, "max")));
        activations(rules);
    }

    private static void comparisons(Map<String, Calls.Rule> rules) {
        Map.of("eq", "Equal", "gt", "Greater", "lt", "Less", "ge", "GreaterOrEqual", "le", "LessOrEqual")
                .forEach((name, op) -> rules.put(name, site -> compare(site, op)));
        rules.put("ne", site -> site.same("Not", compare(site, "Equal")));
        rules.put("logical_not", site -> site.same("Not", site.cast(site.tensor(0), ElementType.BOOL)));
        rules.put("bitwise_not", rules.get("logical_not"));
        Map.of(
                        "logical_and",
                        "And",
                        "logical_or",
                        "Or",
                        "bitwise_and",
                        "And",
                        "bitwise_or",
                        "Or",
                        "__and__",
                        "And",
                        "__or__",
                        "Or")
                .forEach((name, op) -> rules.put(name, site -> truths(site, op)));
    }

    private static Symbol truths(Site site, String op) {
        Symbol left = site.tensor(0);
        Symbol right = site.tensor(1);
        if (left.type() != ElementType.BOOL || right.type() != ElementType.BOOL) {
            throw site.refusal("it calls " + site.function() + " on numbers; on truths it would be understood.");
        }
        return site.node(op, ElementType.BOOL, Math.max(left.rank(), right.rank()), left, right);
    }

    private static void activations(Map<String, Calls.Rule> rules) {
        rules.put("silu", site -> site.same("Mul", site.tensor(0), site.same("Sigmoid", site.tensor(0))));
        rules.put(
                "mish",
                site -> site.same("Mul", site.tensor(0), site.same("Tanh", site.same("Softplus", site.tensor(0)))));
        rules.put("gelu", ElementwiseCalls::gelu);
        rules.put("selu", site -> site.same("Selu", site.tensor(0)));
        rules.put("softsign", site -> site.same("Softsign", site.tensor(0)));
        rules.put(
                "hardsigmoid",
                site -> site.same(
                        "HardSigmoid",
                        Map.of("alpha", Attribute.of(1 / 6f), "beta", Attribute.of(0.5f)),
                        site.tensor(0)));
        rules.put(
                "leaky_relu",
                site -> site.same(
                        "LeakyRelu", Map.of("alpha", Attribute.of((float) site.real(1, 0.01))), site.tensor(0)));
        rules.put(
                "elu",
                site -> site.same("Elu", Map.of("alpha", Attribute.of((float) site.real(1, 1))), site.tensor(0)));
        rules.put("prelu", ElementwiseCalls::prelu);
        rules.put("softmax", site -> softmax(site, "Softmax"));
        rules.put("log_softmax", site -> softmax(site, "LogSoftmax"));
    }

    static Symbol binary(Site site, String op, Object left, Object right) {
        List<Symbol> both = site.promoted(left, right);
        return site.node(
                op, both.get(0).type(), Math.max(both.get(0).rank(), both.get(1).rank()), both.get(0), both.get(1));
    }

    /** A sum or difference, whose second part may be multiplied with alpha. */
    private static Symbol sum(Site site, String op, Object left, Object right) {
        Object alpha = site.arg(2, "alpha");
        boolean scaled = alpha instanceof Number n && n.doubleValue() != 1;
        if (scaled && right != site.arg(1)) {
            throw site.refusal("it calls " + site.function() + " with alpha, which is not understood.");
        }
        return binary(site, op, left, scaled ? binary(site, "Mul", right, alpha) : right);
    }

    private static Symbol div(Site site) {
        Object mode = site.arg(2, "rounding_mode");
        if (mode instanceof String) {
            return floorDivide(site);
        }
        List<Symbol> both = site.promoted(site.arg(0), site.arg(1));
        return binary(site, "Div", site.toFloat(both.get(0)), site.toFloat(both.get(1)));
    }

    /** Whole numbers are divided without rest; sizes, which this is for, are never negative. */
    private static Symbol floorDivide(Site site) {
        Symbol quotient = binary(site, "Div", site.arg(0), site.arg(1));
        return quotient.isWhole() ? quotient : site.same("Floor", quotient);
    }

    /** It has the sign of the divisor. */
    private static Symbol remainder(Site site) {
        List<Symbol> both = site.promoted(site.arg(0), site.arg(1));
        if (both.get(0).isWhole()) {
            return binary(site, "Mod", both.get(0), both.get(1));
        }
        Symbol whole = site.same("Floor", binary(site, "Div", both.get(0), both.get(1)));
        return binary(site, "Sub", both.get(0), binary(site, "Mul", whole, both.get(1)));
    }

    private static Symbol pow(Site site) {
        if (!(site.arg(0) instanceof Symbol base)) {
            return binary(site, "Pow", site.arg(0), site.arg(1));
        }
        if (site.arg(1) instanceof Number exponent) {
            Symbol from = exponent instanceof Double ? site.toFloat(base) : base;
            return site.same("Pow", from, site.asTensor(exponent, from.type()));
        }
        return binary(site, "Pow", base, site.arg(1));
    }

    private static Symbol compare(Site site, String op) {
        List<Symbol> both = site.promoted(site.arg(0), site.arg(1));
        return site.node(
                op, ElementType.BOOL, Math.max(both.get(0).rank(), both.get(1).rank()), both.get(0), both.get(1));
    }

    private static Object bound(Site site, int index, String name) {
        Object value = site.arg(index, name);
        return value == Pickle.NONE ? null : value;
    }

    private static Symbol clip(Site site, Symbol tensor, Object low, Object high) {
        boolean widens = tensor.isWhole() && (low instanceof Double || high instanceof Double);
        Symbol wide = widens ? site.cast(tensor, ElementType.FLOAT) : tensor;
        Symbol from = low == null ? null : site.asTensor(low, wide.type());
        Symbol to = high == null ? null : site.asTensor(high, wide.type());
        return site.same("Clip", wide, from, to);
    }

    private static Symbol gelu(Site site) {
        Symbol x = site.tensor(0);
        boolean tanh = "tanh".equals(site.arg(1, "approximate"));
        Symbol half = binary(site, "Mul", x, 0.5);
        Symbol inner;
        if (tanh) {
            Symbol cube = binary(site, "Mul", site.same("Pow", x, site.asTensor(3.0, x.type())), 0.044715);
            inner = site.same("Tanh", binary(site, "Mul", site.same("Add", x, cube), Math.sqrt(2 / Math.PI)));
        } else {
            inner = site.same("Erf", binary(site, "Div", x, Math.sqrt(2)));
        }
        return site.same("Mul", half, binary(site, "Add", inner, 1.0));
    }

    /** A slope for each channel, which is the second dimension. */
    private static Symbol prelu(Site site) {
        Symbol x = site.tensor(0);
        Symbol slope = LayerCalls.channels(site, site.tensor(1), x.rank());
        return site.same("PRelu", x, slope);
    }

    private static Symbol softmax(Site site, String op) {
        Symbol x = site.toFloat(site.tensor(0));
        return site.same(op, Map.of("axis", Attribute.of(site.axis(1, x.rank()))), x);
    }
}
