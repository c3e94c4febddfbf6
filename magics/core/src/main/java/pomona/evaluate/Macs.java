package pomona.evaluate;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import pomona.graph.Dimension;
import pomona.graph.Node;
import pomona.graph.Value;

/**
 * Counts the multiply-accumulates of products, convolutions and recurrent layers; other operators count as none.
 *
 * @param shapes what is known of each value
 * @param symbols the sizes that symbols stand for
 */
record Macs(Map<String, Value> shapes, ToLongFunction<String> symbols) {

    /** The number for one operator; -1 when a shape is unknown. */
    long of(Node node) {
        return switch (node.op()) {
            case "MatMul", "MatMulInteger", "QLinearMatMul", "DynamicQuantizeMatMul", "MatMulIntegerToFloat" ->
                times(elements(shape(node.output()), 0), last(shape(node.input(0))));
            case "MatMulNBits" -> times(elements(shape(node.output()), 0), node.integer("K", -1));
            case "Gemm" -> gemm(node);
            case "Conv", "ConvInteger", "DeformConv" -> convolution(node.output(), node.input(1));
            case "QLinearConv" -> convolution(node.output(), node.input(3));
            // Every element of the input is multiplied with the kernel.
            case "ConvTranspose" -> convolution(node.input(0), node.input(1));
            case "RNN", "GRU", "LSTM" -> recurrent(node);
            case "Einsum" -> einsum(node);
            case "Attention" -> attention(node);
            default -> 0;
        };
    }

    private long gemm(Node node) {
        List<Dimension> left = shape(node.input(0));
        long inner = left == null ? -1 : size(left.get(node.integer("transA", 0) == 0 ? 1 : 0));
        return times(elements(shape(node.output()), 0), inner);
    }

    /** The kernel is applied once for each place of the window. */
    private long convolution(String places, String kernel) {
        List<Dimension> shape = shape(places);
        if (shape == null || shape.size() < 2) {
            return -1;
        }
        return times(times(size(shape.get(0)), elements(shape, 2)), elements(shape(kernel), 0));
    }

    /** Both weights are multiplied once for each element of the sequence. */
    private long recurrent(Node node) {
        List<Dimension> input = shape(node.input(0));
        if (input == null || input.size() != 3) {
            return -1;
        }
        long steps = times(size(input.get(0)), size(input.get(1)));
        long weights = elements(shape(node.input(1)), 0);
        long recurrence = elements(shape(node.input(2)), 0);
        return weights < 0 || recurrence < 0 ? -1 : times(steps, weights + recurrence);
    }

    /** One for each combination of all letters. */
    private long einsum(Node node) {
        String equation = node.text("equation", "").replace(" ", "");
        String[] terms = equation.split("->")[0].split(",");
        Map<Character, Long> letters = new HashMap<>();
        for (int i = 0; i < terms.length; i++) {
            List<Dimension> shape = shape(node.input(i));
            if (shape == null || shape.size() != terms[i].length()) {
                return -1;
            }
            for (int j = 0; j < shape.size(); j++) {
                letters.merge(terms[i].charAt(j), size(shape.get(j)), Math::max);
            }
        }
        long product = terms.length < 2 ? 0 : 1;
        for (long size : letters.values()) {
            product = times(product, size);
        }
        return product;
    }

    /** Queries with keys, and weights with values; the standard operator has no projections. */
    private long attention(Node node) {
        List<Dimension> query = shape(node.input(0));
        List<Dimension> key = shape(node.input(1));
        if (!node.domain().isEmpty() || query == null || key == null) {
            return -1;
        }
        long length = size(key.get(key.size() - 2));
        long values = elements(shape(node.output()), 0);
        long scores = times(elements(query, 0), length);
        return scores < 0 || values < 0 ? -1 : scores + times(values, length);
    }

    private List<Dimension> shape(String value) {
        Value known = shapes.get(value);
        return known == null ? null : known.shape();
    }

    /** The product of the dimensions from one on. */
    long elements(List<Dimension> shape, int from) {
        long elements = shape == null ? -1 : 1;
        for (int i = from; shape != null && i < shape.size(); i++) {
            elements = times(elements, size(shape.get(i)));
        }
        return elements;
    }

    private long last(List<Dimension> shape) {
        return shape == null || shape.isEmpty() ? -1 : size(shape.get(shape.size() - 1));
    }

    private long size(Dimension dimension) {
        return dimension.at(symbols);
    }

    private static long times(long left, long right) {
        return left < 0 || right < 0 ? -1 : left * right;
    }
}
