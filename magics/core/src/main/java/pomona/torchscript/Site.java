package pomona.torchscript;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.Tensor;

/**
 * One call of a function of PyTorch in the code, and what is needed to write it as operators.
 *
 * @param draft the network so far
 * @param scope the module and the line
 * @param function the function, such as {@code torch.relu_}
 * @param arguments its arguments: symbols, numbers, truths, texts, lists
 * @param named its named arguments
 */
record Site(Draft draft, Translation.Scope scope, String function, List<Object> arguments, Map<String, Object> named) {

    /** The types in the order in which one gives way to the other. */
    private static final List<ElementType> PROMOTION = List.of(
            ElementType.BOOL,
            ElementType.UINT8,
            ElementType.INT8,
            ElementType.INT16,
            ElementType.INT32,
            ElementType.INT64,
            ElementType.FLOAT16,
            ElementType.BFLOAT16,
            ElementType.FLOAT,
            ElementType.DOUBLE);

    Object run() {
        String name = function.replaceFirst("^(torch|ops\\.prim|ops\\.aten)\\.", "");
        boolean inPlace = name.matches("[a-z].*[a-z0-9]_");
        Calls.Rule rule = Calls.named(inPlace ? name.substring(0, name.length() - 1) : name);
        if (rule == null) {
            throw refusal("it calls " + function + ", for which there is no operator.");
        }
        try {
            Object result = rule.write(this);
            if (inPlace && arguments.get(0) instanceof Symbol before && result instanceof Symbol made) {
                Symbol after = cast(made.equals(before) ? made : draft.copy(made), before.type());
                draft.aliases().change(before, after);
                return after;
            }
            return Views.noted(this, name, result);
        } catch (ClassCastException | IndexOutOfBoundsException | ArithmeticException | NegativeArraySizeException e) {
            throw refusal("it calls " + function + " with arguments that are not understood.");
        }
    }

    /** The same call on another first argument. */
    Site on(Symbol first) {
        List<Object> others = new ArrayList<>(arguments);
        others.set(0, first);
        return new Site(draft, scope, function, others, named);
    }

    Refusal refusal(String why) {
        return scope.refusal(why);
    }

    Object arg(int index) {
        return index < arguments.size() ? arguments.get(index) : Pickle.NONE;
    }

    /** The argument at that place or of that name, or None. */
    Object arg(int index, String name) {
        return index < arguments.size() ? arguments.get(index) : named.getOrDefault(name, Pickle.NONE);
    }

    boolean has(int index) {
        return arg(index) != Pickle.NONE;
    }

    Symbol tensor(int index) {
        return asTensor(arg(index), null);
    }

    /** The tensor at that place, or null when it is None. */
    Symbol optional(int index) {
        return has(index) ? tensor(index) : null;
    }

    /** A tensor, or a number as a constant of the same type as another tensor. */
    Symbol asTensor(Object value, ElementType type) {
        if (value instanceof Symbol symbol) {
            return symbol;
        }
        if (value instanceof Boolean truth) {
            return draft.constant(path() + "constant", number(type == null ? ElementType.BOOL : type, truth ? 1 : 0));
        }
        double number = ((Number) value).doubleValue();
        ElementType natural = value instanceof Long ? ElementType.INT64 : ElementType.FLOAT;
        return draft.constant(path() + "constant", number(type == null ? natural : type, number));
    }

    private String path() {
        return scope.module().path().isEmpty() ? "" : scope.module().path() + ".";
    }

    private Tensor number(ElementType type, double value) {
        return switch (type) {
            case FLOAT -> Tensor.scalar((float) value);
            case INT64 -> Tensor.scalar((long) value);
            case INT32 -> Tensor.ofInts(new int[] {(int) value});
            case BOOL -> Tensor.ofBytes(ElementType.BOOL, new byte[] {(byte) (value != 0 ? 1 : 0)});
            case DOUBLE -> {
                java.nio.ByteBuffer bytes = java.nio.ByteBuffer.allocate(8)
                        .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                        .putDouble(0, value);
                yield Tensor.of(ElementType.DOUBLE, bytes);
            }
            default -> throw refusal("a number joins a tensor of type " + type + ", which is not understood.");
        };
    }

    long integer(int index, long defaultValue) {
        Object value = arg(index);
        return value instanceof Boolean b ? (b ? 1 : 0) : value == Pickle.NONE ? defaultValue : (Long) value;
    }

    double real(int index, double defaultValue) {
        return arg(index) == Pickle.NONE ? defaultValue : ((Number) arg(index)).doubleValue();
    }

    boolean flag(int index, String name) {
        Object value = arg(index, name);
        return Boolean.TRUE.equals(value) || value instanceof Long l && l != 0;
    }

    long[] longs(int index) {
        Object value = arg(index);
        if (value instanceof Long one) {
            return new long[] {one};
        }
        return ((List<?>) value).stream().mapToLong(v -> (Long) v).toArray();
    }

    /** An axis counted from the first dimension. */
    long axis(int index, int rank) {
        long axis = integer(index, 0);
        return axis < 0 ? axis + rank : axis;
    }

    Symbol node(String op, List<Symbol> inputs, Map<String, Attribute> attributes, ElementType type, int rank) {
        return draft.node(scope.module().path(), op, inputs, attributes, new Symbol("", type, rank))
                .get(0);
    }

    Symbol node(String op, ElementType type, int rank, Symbol... inputs) {
        return node(op, Arrays.asList(inputs), Map.of(), type, rank);
    }

    /** An operator whose output is like its first input. */
    Symbol same(String op, Symbol... inputs) {
        return node(op, inputs[0].type(), inputs[0].rank(), inputs);
    }

    Symbol same(String op, Map<String, Attribute> attributes, Symbol... inputs) {
        return node(op, Arrays.asList(inputs), attributes, inputs[0].type(), inputs[0].rank());
    }

    Symbol longsConstant(long... values) {
        return draft.constant(path() + "sizes", Tensor.ofLongs(values, values.length));
    }

    Symbol cast(Symbol symbol, ElementType type) {
        return symbol.type() == type
                ? symbol
                : node("Cast", List.of(symbol), Map.of("to", Attribute.of((long) type.code())), type, symbol.rank());
    }

    Symbol toFloat(Symbol symbol) {
        return symbol.isWhole() ? cast(symbol, ElementType.FLOAT) : symbol;
    }

    /** Two values of one type, as PyTorch promotes them: what has no dimensions gives way within its kind. */
    List<Symbol> promoted(Object left, Object right) {
        boolean leftNumber = !(left instanceof Symbol);
        boolean rightNumber = !(right instanceof Symbol);
        if (leftNumber != rightNumber) {
            Symbol tensor = (Symbol) (leftNumber ? right : left);
            Object number = leftNumber ? left : right;
            boolean widens = number instanceof Double && tensor.isWhole()
                    || number instanceof Long && tensor.type() == ElementType.BOOL;
            Symbol wide =
                    !widens ? tensor : cast(tensor, number instanceof Double ? ElementType.FLOAT : ElementType.INT64);
            Symbol constant = asTensor(number, wide.type());
            return leftNumber ? List.of(constant, wide) : List.of(wide, constant);
        }
        Symbol a = asTensor(left, null);
        Symbol b = asTensor(right, null);
        ElementType type = promotion(a, b);
        return List.of(cast(a, type), cast(b, type));
    }

    static ElementType promotion(Symbol a, Symbol b) {
        if (a.rank() == 0 != (b.rank() == 0)) {
            Symbol scalar = a.rank() == 0 ? a : b;
            Symbol array = a.rank() == 0 ? b : a;
            if (kind(scalar.type()) <= kind(array.type())) {
                return array.type();
            }
        }
        return PROMOTION.indexOf(a.type()) > PROMOTION.indexOf(b.type()) ? a.type() : b.type();
    }

    private static int kind(ElementType type) {
        return type == ElementType.BOOL ? 0 : type.isFloating() ? 2 : 1;
    }

    /** A one-dimensional tensor of sizes, some of which may be read from tensors. */
    Symbol sizes(List<?> items) {
        if (items.stream().allMatch(Long.class::isInstance)) {
            return longsConstant(items.stream().mapToLong(v -> (Long) v).toArray());
        }
        List<Symbol> parts = new ArrayList<>();
        for (Object item : items) {
            parts.add(size(item));
        }
        return node("Concat", parts, Map.of("axis", Attribute.of(0)), ElementType.INT64, 1);
    }

    /** One size as a tensor of one element. */
    Symbol size(Object item) {
        if (item instanceof Long number) {
            return longsConstant(number);
        }
        Symbol symbol = cast((Symbol) item, ElementType.INT64);
        return symbol.rank() == 1 ? symbol : node("Unsqueeze", symbol.type(), 1, symbol, longsConstant(0));
    }
}
