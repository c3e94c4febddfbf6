package pomona.evaluate;

import java.util.List;
import java.util.Map;
import pomona.graph.Dimension;
import pomona.graph.Node;
import pomona.graph.Value;

/** Counts the multiply-accumulates of products and convolutions; other operators count as none. */
final class Macs {

    private Macs() {}

    /** The number at batch 1, every symbol counting as 1; -1 when a shape is unknown. */
    static long of(Node node, Map<String, Value> shapes) {
        if (!node.domain().isEmpty()) {
            return 0;
        }
        return switch (node.op()) {
            case "MatMul", "MatMulInteger", "QLinearMatMul" ->
                times(elements(shape(node.output(), shapes), 0), last(shape(node.input(0), shapes)));
            case "Gemm" -> gemm(node, shapes);
            case "Conv", "ConvInteger" -> convolution(node.output(), node.input(1), shapes);
            case "QLinearConv" -> convolution(node.output(), node.input(3), shapes);
            // Every element of the input is multiplied with the kernel.
            case "ConvTranspose" -> convolution(node.input(0), node.input(1), shapes);
            default -> 0;
        };
    }

    private static long gemm(Node node, Map<String, Value> shapes) {
        List<Dimension> left = shape(node.input(0), shapes);
        long inner = left == null ? -1 : size(left.get(node.integer("transA", 0) == 0 ? 1 : 0));
        return times(elements(shape(node.output(), shapes), 0), inner);
    }

    /** The kernel is applied once for each place of the window. */
    private static long convolution(String places, String kernel, Map<String, Value> shapes) {
        List<Dimension> shape = shape(places, shapes);
        if (shape == null || shape.size() < 2) {
            return -1;
        }
        return times(times(size(shape.get(0)), elements(shape, 2)), elements(shape(kernel, shapes), 0));
    }

    private static List<Dimension> shape(String value, Map<String, Value> shapes) {
        Value known = shapes.get(value);
        return known == null ? null : known.shape();
    }

    private static long elements(List<Dimension> shape, int from) {
        long elements = shape == null ? -1 : 1;
        for (int i = from; shape != null && i < shape.size(); i++) {
            elements = times(elements, size(shape.get(i)));
        }
        return elements;
    }

    private static long last(List<Dimension> shape) {
        return shape == null || shape.isEmpty() ? -1 : size(shape.get(shape.size() - 1));
    }

    private static long size(Dimension dimension) {
        return dimension.isFixed() ? dimension.size() : dimension.symbol().isEmpty() ? -1 : 1;
    }

    private static long times(long left, long right) {
        return left < 0 || right < 0 ? -1 : left * right;
    }
}
