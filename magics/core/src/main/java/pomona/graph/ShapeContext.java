package pomona.graph;

import java.util.List;
import java.util.Map;

/** What a shape rule may ask: the operator and what is known of its inputs. */
record ShapeContext(Node node, Network network, Map<String, Value> known, SizeValues sizes) {

    /** The element type of an input, or null. */
    ElementType type(int input) {
        Value value = known.get(node.input(input));
        return value == null ? null : value.type();
    }

    /** The shape of an input, or null. */
    List<Dimension> shape(int input) {
        Value value = known.get(node.input(input));
        return value == null ? null : value.shape();
    }

    /** The elements of an integer input as sizes, some of them perhaps symbols, or null when they are not known. */
    List<Dimension> values(int input) {
        return sizes.of(node.input(input));
    }

    /** The elements of an integer input, or null unless all are known. */
    long[] integers(int input) {
        return sizes.integers(node.input(input));
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
