package pomona.graph;

import java.util.List;

/** What a shape rule may ask: the operator and what is known of its inputs. */
record ShapeContext(Node node, Scope scope) {

    /** The element type of an input, or null. */
    ElementType type(int input) {
        Value value = scope.type(node.input(input));
        return value == null ? null : value.type();
    }

    /** The element type that an attribute names by ONNX's number, or null when it is not set. */
    ElementType typeOf(String attribute) {
        long code = node.integer(attribute, 0);
        return code == 0 ? null : ElementType.ofCode(Math.toIntExact(code));
    }

    /** The shape of an input, or null. */
    List<Dimension> shape(int input) {
        Value value = scope.type(node.input(input));
        return value == null ? null : value.shape();
    }

    /** One dimension of an input, counted from the end when negative; unknown when there is none. */
    Dimension dim(int input, int axis) {
        List<Dimension> shape = shape(input);
        int place = shape == null || axis >= 0 ? axis : axis + shape.size();
        return shape == null || place < 0 || place >= shape.size() ? Dimension.UNKNOWN : shape.get(place);
    }

    /** The elements of an integer input, each null when unknown; null when not even their number is known. */
    List<SizeExpression> sizes(int input) {
        List<SizeExpression> sizes = scope.sizes(node.input(input));
        if (sizes != null) {
            return sizes;
        }
        List<Dimension> shape = shape(input);
        boolean counted = shape != null && shape.size() == 1 && shape.get(0).isFixed();
        return counted && shape.get(0).size() <= SizeValues.LONGEST
                ? java.util.Collections.nCopies(Math.toIntExact(shape.get(0).size()), null)
                : null;
    }

    /** The only element of an integer input, or null. */
    SizeExpression size(int input) {
        List<SizeExpression> sizes = scope.sizes(node.input(input));
        return sizes == null || sizes.size() != 1 ? null : sizes.get(0);
    }

    /** The elements of an integer input as dimensions, or null when not even their number is known. */
    List<Dimension> values(int input) {
        List<SizeExpression> sizes = sizes(input);
        return sizes == null ? null : sizes.stream().map(Dimensions::of).toList();
    }

    /** The elements of an integer input, or null unless all are known. */
    long[] integers(int input) {
        List<SizeExpression> sizes = scope.sizes(node.input(input));
        boolean fixed = sizes != null && sizes.stream().allMatch(e -> e != null && e.isConstant());
        return fixed ? sizes.stream().mapToLong(SizeExpression::constant).toArray() : null;
    }

    /** An input that does not depend on what is fed, or null. */
    Tensor constant(int input) {
        return scope.constant(node.input(input));
    }

    /**
     * Axes from an attribute (older operator sets) or an input (newer ones), counted from the front.
     *
     * @return the axes; empty when none are given; null when they are computed while running
     */
    int[] axes(int input, int rank) {
        long[] axes = node.integers("axes");
        if (axes.length == 0 && node.hasInput(input)) {
            axes = integers(input);
        }
        if (axes == null) {
            return null;
        }
        int[] positive = new int[axes.length];
        for (int i = 0; i < axes.length; i++) {
            positive[i] = Math.toIntExact(axes[i] < 0 ? axes[i] + rank : axes[i]);
        }
        return positive;
    }

    /** An axis attribute counted from the front. */
    int axis(long defaultValue, int rank) {
        long axis = node.integer("axis", defaultValue);
        return Math.toIntExact(axis < 0 ? axis + rank : axis);
    }
}
