package pomona.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;

/**
 * Follows integers that are sizes (from Shape, through Gather, Slice, Concat, arithmetic and the like, to Reshape), symbols
 * included, so that shapes computed inside a network are known; and what operators make of constants alone.
 */
final class SizeValues {

    /** Longer integer tensors are data, not shapes. */
    static final int LONGEST = 64;

    /** Constants of more elements are not worked out. */
    private static final int LARGEST = 1024;

    private interface Rule {
        List<SizeExpression> apply(Node node);
    }

    private final Scope scope;
    private final Map<String, Rule> rules = new HashMap<>();

    SizeValues(Scope scope) {
        this.scope = scope;
        for (String op : "Identity Cast Unsqueeze Squeeze Reshape Flatten Floor Ceil Round".split(" ")) {
            rules.put(op, node -> elements(node, 0));
        }
        rules.put("Shape", this::shape);
        rules.put("Size", this::size);
        rules.put("Gather", this::gather);
        rules.put("Concat", this::concat);
        rules.put("Slice", this::slice);
        rules.put("ConstantOfShape", this::constantOfShape);
        rules.put("Where", this::where);
        rules.put("ReduceProd", this::product);
        rules.put("Add", node -> combine(node, SizeExpression::plus));
        rules.put("Sub", node -> combine(node, SizeExpression::minus));
        rules.put("Mul", node -> combine(node, SizeExpression::times));
        rules.put("Div", node -> combine(node, (a, b) -> divide(node, a, b)));
        rules.put("Equal", node -> combine(node, SizeValues::equal));
        rules.put(
                "Expand", node -> elements(node, 0) != null && elements(node, 0).size() == 1 ? fill(node) : null);
    }

    /** The elements of a constant as sizes, or null when it is long or has other elements than whole numbers. */
    static List<SizeExpression> of(Tensor tensor) {
        boolean integers = tensor != null
                && tensor.size() <= LONGEST
                && (tensor.type() == ElementType.INT64
                        || tensor.type() == ElementType.INT32
                        || tensor.type() == ElementType.BOOL
                        || tensor.type() == ElementType.FLOAT);
        if (!integers) {
            return null;
        }
        if (tensor.type() == ElementType.FLOAT) {
            for (float value : tensor.toFloatArray()) {
                if (value != (long) value) {
                    return null;
                }
            }
        }
        List<SizeExpression> elements = new ArrayList<>();
        for (long value : tensor.toLongArray()) {
            elements.add(SizeExpression.of(value));
        }
        return elements;
    }

    /** Works out what is known of the elements that an operator makes, if anything is. */
    void propagate(Node node) {
        if (!node.domain().isEmpty() || node.outputs().isEmpty() || evaluate(node)) {
            return;
        }
        Rule rule = rules.get(node.op());
        List<SizeExpression> made = null;
        try {
            if (node.is("Split")) {
                split(node);
            }
            made = rule == null ? null : rule.apply(node);
        } catch (ArithmeticException | IndexOutOfBoundsException e) {
            // Not sizes after all: too large, or picked where there is nothing.
        }
        if (made != null && made.size() <= LONGEST && made.stream().anyMatch(e -> e != null)) {
            keep(node.output(), made);
        }
    }

    private void keep(String name, List<SizeExpression> made) {
        Value value = scope.type(name);
        boolean fixed = made.stream().allMatch(e -> e != null && e.isConstant());
        boolean shaped = value != null
                && value.shape() != null
                && value.shape().stream().allMatch(Dimension::isFixed)
                && (value.type() == ElementType.INT64 || value.type() == ElementType.INT32);
        long[] shape =
                shaped ? value.shape().stream().mapToLong(Dimension::size).toArray() : null;
        if (fixed && shaped && java.util.Arrays.stream(shape).reduce(1, (a, b) -> a * b) == made.size()) {
            long[] values = made.stream().mapToLong(SizeExpression::constant).toArray();
            scope.constant(name, TensorArithmetic.ofLongs(value.type(), values, shape));
        } else {
            scope.sizes(name, made);
        }
    }

    /** Works out an operator of small constants. */
    private boolean evaluate(Node node) {
        List<Tensor> inputs = new ArrayList<>();
        for (String input : node.inputs()) {
            Tensor constant = input.isEmpty() ? null : scope.constant(input);
            if (!input.isEmpty() && (constant == null || constant.size() > LARGEST)) {
                return false;
            }
            inputs.add(constant);
        }
        for (String output : node.outputs()) {
            Value value = scope.type(output);
            if (value != null && value.shape() != null && elements(value.shape()) > LARGEST) {
                return false;
            }
        }
        List<Tensor> made = ConstantOperators.evaluate(node, inputs, scope.opset());
        for (int i = 0; made != null && i < Math.min(made.size(), node.outputs().size()); i++) {
            if (made.get(i).size() <= LARGEST) {
                scope.constant(node.outputs().get(i), made.get(i));
                scope.put(new ValueType(
                                made.get(i).type(),
                                ShapeInference.dimensions(made.get(i).shape()))
                        .named(node.outputs().get(i)));
            }
        }
        return made != null;
    }

    private static double elements(List<Dimension> shape) {
        double product = 1;
        for (Dimension dimension : shape) {
            product *= dimension.isFixed() ? dimension.size() : 1;
        }
        return product;
    }

    private List<SizeExpression> elements(Node node, int input) {
        return scope.sizes(node.input(input));
    }

    private List<SizeExpression> shape(Node node) {
        Value value = scope.type(node.input(0));
        if (value == null || value.shape() == null) {
            return null;
        }
        int rank = value.shape().size();
        int start = clamp(node.integer("start", 0), rank);
        int end = clamp(node.integer("end", rank), rank);
        return value.shape().subList(start, Math.max(start, end)).stream()
                .map(SizeExpression::of)
                .toList();
    }

    private List<SizeExpression> size(Node node) {
        Value value = scope.type(node.input(0));
        SizeExpression size =
                value == null || value.shape() == null ? null : SizeExpression.of(Dimensions.product(value.shape()));
        return Collections.singletonList(size);
    }

    private List<SizeExpression> gather(Node node) {
        List<SizeExpression> data = elements(node, 0);
        Tensor indices = scope.constant(node.input(1));
        if (data == null || indices == null || rank(node.input(0)) != 1) {
            return null;
        }
        List<SizeExpression> picked = new ArrayList<>();
        for (long index : indices.toLongArray()) {
            picked.add(data.get(Math.toIntExact(index < 0 ? index + data.size() : index)));
        }
        return picked;
    }

    private List<SizeExpression> concat(Node node) {
        List<SizeExpression> all = new ArrayList<>();
        for (String input : node.inputs()) {
            List<SizeExpression> part = scope.sizes(input);
            Value value = scope.type(input);
            if (part == null && rank(input) == 1 && value.shape().get(0).isFixed()) {
                part = Collections.nCopies(Math.toIntExact(value.shape().get(0).size()), null);
            }
            if (part == null || rank(input) != 1) {
                return null;
            }
            all.addAll(part);
        }
        return all;
    }

    private List<SizeExpression> slice(Node node) {
        List<SizeExpression> data = elements(node, 0);
        ShapeContext context = new ShapeContext(node, scope);
        SliceShapes.Bounds bounds = SliceShapes.bounds(context, 1);
        if (data == null || rank(node.input(0)) != 1 || bounds == null || bounds.starts().length != 1) {
            return null;
        }
        SliceShapes.Cut cut = SliceShapes.cut(data.size(), bounds.starts()[0], bounds.ends()[0], bounds.steps()[0]);
        List<SizeExpression> picked = new ArrayList<>();
        for (int i = 0; i < cut.count(); i++) {
            picked.add(data.get(Math.toIntExact(cut.from() + i * cut.step())));
        }
        return picked;
    }

    private void split(Node node) {
        List<SizeExpression> data = elements(node, 0);
        int start = 0;
        for (String output : node.outputs()) {
            Value part = scope.type(output);
            boolean known = data != null
                    && rank(node.input(0)) == 1
                    && part.shape() != null
                    && part.shape().get(0).isFixed();
            if (!known) {
                return;
            }
            int end = start + Math.toIntExact(part.shape().get(0).size());
            keep(output, data.subList(start, end));
            start = end;
        }
    }

    private List<SizeExpression> constantOfShape(Node node) {
        Value value = scope.type(node.output());
        boolean counted = value != null
                && value.shape() != null
                && value.shape().size() == 1
                && value.shape().get(0).isFixed()
                && value.shape().get(0).size() <= LONGEST;
        if (!counted || !(node.attributes().get("value") instanceof Attribute.Constant constant)) {
            return null;
        }
        List<SizeExpression> element = of(constant.value());
        return element == null
                ? null
                : Collections.nCopies(Math.toIntExact(value.shape().get(0).size()), element.get(0));
    }

    private List<SizeExpression> fill(Node node) {
        Value value = scope.type(node.output());
        Dimension count =
                value == null || value.shape() == null ? Dimension.UNKNOWN : Dimensions.product(value.shape());
        return count.isFixed() && count.size() <= LONGEST
                ? Collections.nCopies(
                        Math.toIntExact(count.size()), elements(node, 0).get(0))
                : null;
    }

    private List<SizeExpression> where(Node node) {
        List<SizeExpression> condition = elements(node, 0);
        List<SizeExpression> left = elements(node, 1);
        List<SizeExpression> right = elements(node, 2);
        if (condition == null || left == null || right == null) {
            return null;
        }
        int count = Math.max(condition.size(), Math.max(left.size(), right.size()));
        List<SizeExpression> chosen = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            SizeExpression which = at(condition, i);
            boolean known = which != null && which.isConstant();
            chosen.add(!known ? null : which.is(0) ? at(right, i) : at(left, i));
        }
        return chosen;
    }

    private List<SizeExpression> product(Node node) {
        List<SizeExpression> data = elements(node, 0);
        if (data == null || data.contains(null) || rank(node.input(0)) != 1) {
            return null;
        }
        return List.of(data.stream().reduce(SizeExpression.of(1), SizeExpression::times));
    }

    private List<SizeExpression> combine(Node node, BinaryOperator<SizeExpression> function) {
        List<SizeExpression> left = elements(node, 0);
        List<SizeExpression> right = elements(node, 1);
        boolean fit =
                left != null && right != null && (left.size() == right.size() || left.size() == 1 || right.size() == 1);
        if (!fit) {
            return null;
        }
        List<SizeExpression> result = new ArrayList<>();
        for (int i = 0; i < Math.max(left.size(), right.size()); i++) {
            SizeExpression a = at(left, i);
            SizeExpression b = at(right, i);
            result.add(a == null || b == null ? null : function.apply(a, b));
        }
        return result;
    }

    private static SizeExpression at(List<SizeExpression> elements, int place) {
        return elements.get(elements.size() == 1 ? 0 : place);
    }

    /** Integer division cuts, which is rounding down for sizes; floats that do not divide evenly are not followed. */
    private SizeExpression divide(Node node, SizeExpression a, SizeExpression b) {
        SizeExpression exact = b.is(0) ? null : a.dividedBy(b);
        Value value = scope.type(node.input(0));
        boolean integer = value != null && value.type() != null && !value.type().isFloating();
        boolean cuts = exact == null && integer && b.isConstant() && b.constant() > 0;
        return cuts ? a.floorDividedBy(b.constant()) : exact;
    }

    /** 1 or 0 when that is certain; a size is never negative. */
    private static SizeExpression equal(SizeExpression a, SizeExpression b) {
        SizeExpression difference = a.minus(b);
        if (difference.isConstant()) {
            return SizeExpression.of(difference.is(0) ? 1 : 0);
        }
        boolean apart = a.isConstant() && a.constant() < 0 || b.isConstant() && b.constant() < 0;
        return apart ? SizeExpression.of(0) : null;
    }

    private int rank(String name) {
        Value value = scope.type(name);
        return value == null || value.shape() == null ? -1 : value.shape().size();
    }

    private static int clamp(long place, int size) {
        return (int) Math.max(0, Math.min(size, place < 0 ? place + size : place));
    }
}
