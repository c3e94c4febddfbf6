package pomona.djl;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import pomona.graph.Attribute;

/** What blocks do on arrays, written as operators. */
final class BlockOps {

    private static final Map<String, Consumer<Writing>> WRITERS = writers();

    private BlockOps() {}

    static boolean knows(String method) {
        return WRITERS.containsKey(method);
    }

    static void write(Writing writing) {
        WRITERS.get(writing.call().method()).accept(writing);
    }

    private static Map<String, Consumer<Writing>> writers() {
        Map<String, Consumer<Writing>> writers = new HashMap<>();
        LayerWriters.addTo(writers);
        RecurrentWriters.addTo(writers);
        PickWriters.addTo(writers);
        addActivations(writers);
        addArithmetic(writers);
        addReductions(writers);
        addShapes(writers);
        return writers;
    }

    private static void addActivations(Map<String, Consumer<Writing>> writers) {
        Map.of(
                        "ex.relu", "Relu",
                        "ex.sigmoid", "Sigmoid",
                        "ex.tanh", "Tanh",
                        "tanh", "Tanh",
                        "ex.softPlus", "Softplus",
                        "ex.softSign", "Softsign",
                        "ex.selu", "Selu")
                .forEach((method, op) -> writers.put(method, w -> w.result(op, w.self())));
        writers.put("ex.leakyRelu", w -> alpha(w, "LeakyRelu"));
        writers.put("ex.elu", w -> alpha(w, "Elu"));
        writers.put("ex.gelu", BlockOps::gelu);
        writers.put("softmax", w -> alongAxis(w, "Softmax"));
        writers.put("logSoftmax", w -> alongAxis(w, "LogSoftmax"));
        writers.put("clip", w -> w.result("Clip", w.self(), w.value(1), w.value(2)));
    }

    private static void addArithmetic(Map<String, Consumer<Writing>> writers) {
        Map.of(
                        "add", "Add",
                        "sub", "Sub",
                        "mul", "Mul",
                        "div", "Div",
                        "pow", "Pow",
                        "maximum", "Max",
                        "minimum", "Min",
                        "matMul", "MatMul",
                        "dot", "MatMul")
                .forEach((method, op) -> writers.put(method, w -> w.result(op, w.self(), w.value(1))));
        Map.of("neg", "Neg", "abs", "Abs", "exp", "Exp", "log", "Log", "sqrt", "Sqrt", "erf", "Erf", "sin", "Sin")
                .forEach((method, op) -> writers.put(method, w -> w.result(op, w.self())));
        Map.of("cos", "Cos", "floor", "Floor", "ceil", "Ceil", "round", "Round", "sign", "Sign")
                .forEach((method, op) -> writers.put(method, w -> w.result(op, w.self())));
        writers.put("ex.rsub", w -> w.result("Sub", w.value(1), w.self()));
        writers.put("ex.rdiv", w -> w.result("Div", w.value(1), w.self()));
        writers.put("square", w -> w.result("Mul", w.self(), w.self()));
        writers.put("log2", w -> w.result("Div", w.step("Log", w.self()), w.scalar((float) Math.log(2))));
        writers.put("duplicate", w -> w.made(w.self()));
        writers.put("stopGradient", w -> w.made(w.self()));
    }

    private static void addReductions(Map<String, Consumer<Writing>> writers) {
        Map.of("mean", "ReduceMean", "max", "ReduceMax", "min", "ReduceMin", "prod", "ReduceProd")
                .forEach((method, op) -> writers.put(method, w -> reduce(w, op)));
        writers.put("sum", w -> {
            if (w.count() == 1) {
                w.result("ReduceSum", List.of(w.self()), Map.of("keepdims", Attribute.of(0)));
                return;
            }
            long keep = w.count() > 2 && w.flag(2) ? 1 : 0;
            w.result(
                    "ReduceSum",
                    List.of(w.self(), w.longsConstant(w.longs(1))),
                    Map.of("keepdims", Attribute.of(keep)));
        });
    }

    private static void addShapes(Map<String, Consumer<Writing>> writers) {
        writers.put("reshape", BlockOps::reshape);
        writers.put("flatten", BlockOps::flatten);
        writers.put("expandDims", w -> {
            int axis = ((Number) w.arg(1)).intValue();
            w.result("Unsqueeze", w.self(), w.longsConstant(axis));
        });
        writers.put("squeeze", BlockOps::squeeze);
        writers.put("transpose", BlockOps::transpose);
        writers.put("swapAxes", w -> {
            long[] perm = IntStream.range(0, w.rank()).asLongStream().toArray();
            perm[w.axis(1)] = w.axis(2);
            perm[w.axis(2)] = w.axis(1);
            w.result("Transpose", List.of(w.self()), Map.of("perm", Attribute.ofInts(perm)));
        });
        writers.put("toType", w -> {
            long code = Tensors.elementType(w.type(1)).code();
            w.result("Cast", List.of(w.self()), Map.of("to", Attribute.of(code)));
        });
        writers.put("ex.concat", w -> join(w, "Concat"));
        writers.put("ex.stack", BlockOps::stack);
    }

    private static void alpha(Writing w, String op) {
        w.result(op, List.of(w.self()), Map.of("alpha", Attribute.of(w.number(1))));
    }

    /** Gelu is an operator of its own only since operator set 20: x / 2 * (1 + erf(x / sqrt(2))). */
    private static void gelu(Writing w) {
        String erf = w.step("Erf", w.step("Div", w.self(), w.scalar((float) Math.sqrt(2))));
        String half = w.step("Mul", w.self(), w.scalar(0.5f));
        w.result("Mul", half, w.step("Add", erf, w.scalar(1)));
    }

    private static void alongAxis(Writing w, String op) {
        w.result(op, List.of(w.self()), Map.of("axis", Attribute.of((long) w.axis(1))));
    }

    private static void reduce(Writing w, String op) {
        if (w.count() == 1) {
            w.result(op, List.of(w.self()), Map.of("keepdims", Attribute.of(0)));
            return;
        }
        long keep = w.count() > 2 && w.flag(2) ? 1 : 0;
        w.result(op, List.of(w.self()), Map.of("axes", Attribute.ofInts(w.longs(1)), "keepdims", Attribute.of(keep)));
    }

    /** Sizes that are the batch are taken from the input, or worked out when they are at another place. */
    private static void reshape(Writing w) {
        List<?> small = (List<?>) w.call().args().get(1);
        List<?> large = (List<?>) w.other().args().get(1);
        long[] target = new long[small.size()];
        int open = 0;
        for (int i = 0; i < target.length; i++) {
            long size = (Long) small.get(i);
            boolean varies = !small.get(i).equals(large.get(i));
            boolean kept = varies
                    && i < w.rank()
                    && w.input().get(i) == size
                    && w.other().input().get(i) == (Long) large.get(i);
            target[i] = kept ? 0 : varies ? -1 : size;
            open += target[i] == -1 ? 1 : 0;
        }
        if (open > 1) {
            throw w.refusal("it reshapes to " + small + ", of which more than one size depends on the batch");
        }
        long record = Shapes.product(w.input().getShape(), 1, w.rank());
        boolean keepsBatch = target.length == 2
                && target[0] <= 0
                && w.input().get(0) != w.other().input().get(0);
        if (keepsBatch && (target[1] == record || target[0] == 0 && target[1] == -1)) {
            w.result("Flatten", w.self());
        } else {
            w.result("Reshape", w.self(), w.longsConstant(target));
        }
    }

    private static void flatten(Writing w) {
        int from = w.count() == 1 ? 0 : w.axis(1);
        int to = w.count() == 1 ? w.rank() - 1 : w.axis(2);
        if (from == 1 && to == w.rank() - 1) {
            w.result("Flatten", w.self());
            return;
        }
        long[] target = new long[w.rank() - (to - from)];
        for (int i = 0; i < target.length; i++) {
            target[i] = i < from ? 0 : i == from ? -1 : w.input().get(i + to - from);
        }
        w.result("Reshape", w.self(), w.longsConstant(target));
    }

    private static void squeeze(Writing w) {
        if (w.count() == 1) {
            w.result("Squeeze", w.self());
        } else if (w.arg(1) instanceof Number) {
            w.result("Squeeze", w.self(), w.longsConstant(w.axis(1)));
        } else {
            w.result("Squeeze", w.self(), w.longsConstant(w.longs(1)));
        }
    }

    private static void transpose(Writing w) {
        if (w.count() == 1) {
            w.result("Transpose", w.self());
        } else {
            w.result("Transpose", List.of(w.self()), Map.of("perm", Attribute.ofInts(w.longs(1))));
        }
    }

    private static void join(Writing w, String op) {
        List<String> inputs = new ArrayList<>(List.of(w.self()));
        inputs.addAll(w.values(1));
        w.result(op, inputs, Map.of("axis", Attribute.of((long) w.axis(2))));
    }

    private static void stack(Writing w) {
        long axis = ((Number) w.arg(2)).longValue();
        List<String> inputs = new ArrayList<>(List.of(w.self()));
        inputs.addAll(w.values(1));
        String place = w.longsConstant(axis);
        List<String> apart =
                inputs.stream().map(input -> w.step("Unsqueeze", input, place)).toList();
        w.result("Concat", apart, Map.of("axis", Attribute.of(axis)));
    }
}
