package pomona.graph;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Says which weights are parameters. Floating-point weights are, except the scales of quantization; 8- and 4-bit
 * weights are, except zero points; 32-bit integers are when they are a quantized bias. Shapes, axes and other index
 * constants are not, nor are scalars and the running statistics of batch normalization.
 */
public final class Parameters {

    private static final Set<String> QUANTIZED_OPS = Set.of(
            "QuantizeLinear",
            "DequantizeLinear",
            "MatMulInteger",
            "ConvInteger",
            "QLinearConv",
            "QLinearMatMul",
            "DynamicQuantizeMatMul",
            "MatMulIntegerToFloat",
            "MatMulNBits",
            "GatherBlockQuantized");

    private static final String NORMALIZATION = "BatchNormalization";

    private Parameters() {}

    /** The weights of a network that are parameters, by name. */
    public static Map<String, Tensor> of(Network network) {
        Set<String> ignored = scalesAndZeroPoints(network);
        Map<String, Tensor> parameters = new LinkedHashMap<>();
        network.weights().entrySet().stream()
                .filter(e -> isParameter(e, ignored))
                .forEach(e -> parameters.put(e.getKey(), e.getValue()));
        return parameters;
    }

    static long count(Network network) {
        Map<String, PackedWeight> packed = PackedWeight.of(network);
        long count = 0;
        for (Map.Entry<String, Tensor> weight : of(network).entrySet()) {
            PackedWeight several = packed.get(weight.getKey());
            count += several == null ? weight.getValue().size() : several.size();
        }
        return count;
    }

    static long countNonZeros(Network network) {
        Map<String, PackedWeight> packed = PackedWeight.of(network);
        long count = 0;
        for (Map.Entry<String, Tensor> weight : of(network).entrySet()) {
            PackedWeight several = packed.get(weight.getKey());
            count += several == null ? weight.getValue().countNonZeros() : several.nonZeros();
        }
        return count;
    }

    private static boolean isParameter(Map.Entry<String, Tensor> weight, Set<String> ignored) {
        ElementType type = weight.getValue().type();
        boolean learned = type.isFloating()
                || type == ElementType.INT8
                || type == ElementType.UINT8
                || type == ElementType.INT4
                || type == ElementType.UINT4
                || type == ElementType.INT32;
        return learned && weight.getValue().rank() > 0 && !ignored.contains(weight.getKey());
    }

    private static Set<String> scalesAndZeroPoints(Network network) {
        Set<String> ignored = new HashSet<>();
        Map<String, Node> producers = network.graph().producers();
        for (Node node : network.nodes()) {
            if (node.is(NORMALIZATION)) {
                ignore(node, ignored, 3, 4);
            } else if (node.is("Mul")) {
                ignoreDynamicScales(node, producers, ignored);
                ignoreTableScales(node, producers, ignored, network);
            } else if (!QUANTIZED_OPS.contains(node.op())) {
                ignoreShapeConstants(node, ignored, network);
            } else {
                ignoreQuantizers(node, ignored);
                ignoreLookedUpScales(node, producers, ignored);
                Node lookUp = PackedWeight.lookUp(node, network, producers);
                if (lookUp != null) {
                    ignored.add(lookUp.input(0));
                }
            }
        }
        return ignored;
    }

    private static void ignoreQuantizers(Node node, Set<String> ignored) {
        switch (node.op()) {
            case "QuantizeLinear", "DequantizeLinear" -> ignore(node, ignored, 1, 2);
            case "MatMulInteger", "ConvInteger" -> ignore(node, ignored, 2, 3);
            case "MatMulIntegerToFloat" -> ignore(node, ignored, 2, 3, 4, 5);
            case "DynamicQuantizeMatMul" -> ignore(node, ignored, 2, 3);
            case "MatMulNBits" -> ignore(node, ignored, 2, 3, 4);
            case "GatherBlockQuantized" -> ignore(node, ignored, 2, 3);
            default -> ignore(node, ignored, 1, 2, 4, 5, 6, 7);
        }
    }

    private static void ignore(Node node, Set<String> ignored, int... places) {
        for (int place : places) {
            if (node.hasInput(place)) {
                ignored.add(node.input(place));
            }
        }
    }

    /** The scale of an integer product: what is multiplied with the scale of a dynamically quantized input. */
    private static void ignoreDynamicScales(Node node, Map<String, Node> producers, Set<String> ignored) {
        for (int place = 0; place < 2; place++) {
            Node maker = producers.get(node.input(place));
            if (maker != null && maker.is("DynamicQuantizeLinear")) {
                ignored.add(node.input(1 - place));
            }
        }
    }

    /** Scales and zero points of which only some rows are looked up. */
    private static void ignoreLookedUpScales(Node node, Map<String, Node> producers, Set<String> ignored) {
        for (int place = 1; node.is("DequantizeLinear") && place < 3; place++) {
            Node maker = producers.get(node.input(place));
            if (maker != null && maker.is("Gather")) {
                ignored.add(maker.input(0));
            }
        }
    }

    /** The scales of a table of bytes: what the rows looked up in it are multiplied with. */
    private static void ignoreTableScales(
            Node node, Map<String, Node> producers, Set<String> ignored, Network network) {
        for (int place = 0; place < 2; place++) {
            Node cast = producers.get(node.input(place));
            Node rows = cast != null && cast.is("Cast") ? producers.get(cast.input(0)) : null;
            Tensor table = rows != null && rows.is("Gather") ? network.weights().get(rows.input(0)) : null;
            if (table != null && table.type() == ElementType.INT8) {
                Node scales = producers.get(node.input(1 - place));
                ignored.add(scales == null ? node.input(1 - place) : scales.input(0));
            }
        }
    }

    /** INT32 tensors are only parameters below a quantized operator; elsewhere they are indices and sizes. */
    private static void ignoreShapeConstants(Node node, Set<String> ignored, Network network) {
        for (String input : node.inputs()) {
            Tensor weight = network.weights().get(input);
            if (weight != null && weight.type() == ElementType.INT32) {
                ignored.add(input);
            }
        }
    }
}
