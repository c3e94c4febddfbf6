package pomona.prune;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import pomona.calibrate.LinearLayer;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.structure.Coupling;

/**
 * The channels of a network's values that are the same number everywhere, whatever is fed: those that a layer with zero
 * weights makes, and what becomes of them on the way.
 */
final class ConstantChannels {

    private static final Set<String> LAYOUT =
            Set.of("Flatten", "Reshape", "Transpose", "Squeeze", "Unsqueeze", "Concat", "Split", "Slice", "Gather");
    private static final Set<String> THROUGH =
            Set.of("MaxPool", "GlobalMaxPool", "GlobalAveragePool", "Identity", "Dropout");

    private final Coupling coupling;
    private final Network network;
    private final Map<String, double[]> constants = new HashMap<>();

    ConstantChannels(Coupling coupling) {
        this.coupling = coupling;
        this.network = coupling.network();
        for (Node node : network.nodes()) {
            double[] made = node.domain().isEmpty() && !LAYOUT.contains(node.op()) ? made(node) : null;
            if (made != null) {
                constants.put(node.output(), made);
            } else if (node.domain().isEmpty() && LAYOUT.contains(node.op())) {
                node.outputs().forEach(output -> layOut(node, output));
            }
        }
    }

    /** The number that each channel of a value is, NaN for one that varies; null when all vary. */
    double[] of(String value) {
        return constants.get(value);
    }

    /** The axis of a value that has channels, or -1 unless there is exactly one. */
    int axis(String value) {
        int[][] axes = coupling.channels(value);
        int found = -1;
        for (int axis = 0; axes != null && axis < axes.length; axis++) {
            if (axes[axis] != null) {
                if (found >= 0) {
                    return -1;
                }
                found = axis;
            }
        }
        return found;
    }

    private double[] made(Node node) {
        if (THROUGH.contains(node.op())) {
            return of(node.input(0));
        }
        return switch (node.op()) {
            case "Conv", "ConvTranspose", "Gemm", "MatMul" -> linear(node);
            case "BatchNormalization" -> normalized(node);
            case "AveragePool" -> averaged(node);
            case "Resize", "Upsample" -> node.text("mode", "nearest").equals("cubic") ? null : of(node.input(0));
            case "Add" -> pairwise(node, Double::sum);
            case "Sub" -> pairwise(node, (a, b) -> a - b);
            case "Mul" -> pairwise(node, ConstantChannels::product);
            case "Div" -> pairwise(node, (a, b) -> a == 0 && Double.isNaN(b) ? Double.NaN : a / b);
            case "PRelu" -> pairwise(node, (a, b) -> a >= 0 ? a : a * b);
            default -> {
                DoubleUnaryOperator function = ScalarFunctions.of(node, network);
                double[] in = of(node.input(0));
                yield function == null || in == null
                        ? null
                        : Arrays.stream(in).map(function).toArray();
            }
        };
    }

    /** Zero makes zero of anything. */
    private static double product(double left, double right) {
        return left == 0 || right == 0 ? 0 : left * right;
    }

    private double[] linear(Node node) {
        LinearLayer layer = LinearLayer.of(network, node);
        if (layer == null) {
            return null;
        }
        double[] in = of(node.input(0));
        double[] out = layer.bias();
        boolean any = false;
        for (int o = 0; out != null && o < out.length; o++) {
            for (int i = layer.firstInput(o); i < layer.endInput(o); i++) {
                out[o] += layer.contribution(o, i, in == null ? Double.NaN : in[i]);
            }
            any |= !Double.isNaN(out[o]);
        }
        return any ? out : null;
    }

    private double[] normalized(Node node) {
        double[] in = of(node.input(0));
        float[][] parameters = new float[4][];
        for (int i = 0; i < 4; i++) {
            Tensor parameter = network.weights().get(node.input(i + 1));
            if (parameter == null || node.integer("training_mode", 0) != 0) {
                return null;
            }
            parameters[i] = parameter.toFloatArray();
        }
        double epsilon = node.real("epsilon", 1e-5f);
        double[] out = new double[parameters[0].length];
        for (int c = 0; c < out.length; c++) {
            double factor = parameters[0][c] / Math.sqrt(parameters[3][c] + epsilon);
            // A scale of zero makes a constant of anything.
            out[c] = parameters[1][c]
                    + (factor == 0 ? 0 : ((in == null ? Double.NaN : in[c]) - parameters[2][c]) * factor);
        }
        return out;
    }

    /** Padding that is counted makes the border another number. */
    private double[] averaged(Node node) {
        double[] in = of(node.input(0));
        boolean same = node.integer("count_include_pad", 0) == 0
                || Arrays.stream(node.integers("pads")).allMatch(pad -> pad == 0)
                        && node.text("auto_pad", "NOTSET").matches("NOTSET|VALID");
        return in == null || same
                ? in
                : Arrays.stream(in).map(c -> c == 0 ? 0 : Double.NaN).toArray();
    }

    private double[] pairwise(Node node, DoubleBinaryOperator function) {
        int axis = axis(node.output());
        if (axis < 0) {
            return null;
        }
        int[][] axes = coupling.channels(node.output());
        double[] left = operand(node.input(0), axes.length - axis, axes[axis].length);
        double[] right = operand(node.input(1), axes.length - axis, axes[axis].length);
        if (left == null && right == null) {
            return null;
        }
        double[] out = new double[axes[axis].length];
        for (int c = 0; c < out.length; c++) {
            out[c] = function.applyAsDouble(left == null ? Double.NaN : left[c], right == null ? Double.NaN : right[c]);
        }
        return out;
    }

    /** The numbers of an operand along an axis counted from the end, broadcast to a size; null when they vary. */
    private double[] operand(String value, int fromEnd, int size) {
        Tensor weight = network.weights().get(value);
        if (weight == null) {
            int[][] axes = coupling.channels(value);
            int axis = axis(value);
            double[] own = of(value);
            return own != null && axes.length - axis == fromEnd && own.length == size ? own : null;
        }
        boolean along = weight.size() == 1
                || weight.rank() >= fromEnd && weight.size() == size && weight.dim(weight.rank() - fromEnd) == size;
        if (!along || weight.type() != ElementType.FLOAT) {
            return null;
        }
        float[] values = weight.toFloatArray();
        double[] own = new double[size];
        for (int i = 0; i < size; i++) {
            own[i] = values[values.length == 1 ? 0 : i];
        }
        return own;
    }

    /** Elements move; a channel is what it was if all places of it agree. */
    private void layOut(Node node, String output) {
        int axis = axis(output);
        Map<Integer, Double> known = new HashMap<>();
        for (String input : node.is("Concat") ? node.inputs() : List.of(node.input(0))) {
            int from = axis(input);
            double[] own = of(input);
            int[] channels = from < 0 ? new int[0] : coupling.channels(input)[from];
            for (int i = 0; i < channels.length; i++) {
                double number = own == null ? Double.NaN : own[i];
                known.merge(channels[i], number, (a, b) -> a.equals(b) ? a : Double.NaN);
            }
        }
        if (axis >= 0 && known.values().stream().anyMatch(number -> !Double.isNaN(number))) {
            constants.put(
                    output,
                    Arrays.stream(coupling.channels(output)[axis])
                            .mapToDouble(channel -> known.getOrDefault(channel, Double.NaN))
                            .toArray());
        }
    }
}
