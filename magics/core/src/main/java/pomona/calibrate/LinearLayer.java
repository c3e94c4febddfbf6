package pomona.calibrate;

import java.util.Arrays;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;

/**
 * A product or convolution with constant weights, as what each input channel adds to each output channel when it is the
 * same number everywhere.
 */
public final class LinearLayer {

    private final Node node;
    private final float[] weights;
    private final float[] bias;
    private final int inputs;
    private final int outputs;
    private final int group;
    private final int window;
    private final boolean padded;

    private LinearLayer(Node node, Tensor weight, float[] bias, int inputs, int outputs) {
        this.node = node;
        this.weights = weight.toFloatArray();
        this.bias = bias;
        this.inputs = inputs;
        this.outputs = outputs;
        this.group = isConvolution() ? Math.toIntExact(node.integer("group", 1)) : 1;
        this.window = Math.toIntExact((long) weights.length * group / ((long) inputs * outputs));
        this.padded = isConvolution() && isPadded(node);
    }

    /** The layer of a node; null when its weights or its bias are not constant floats of a usual shape. */
    public static LinearLayer of(Network network, Node node) {
        Tensor weight = network.weights().get(node.input(1));
        if (weight == null || weight.type() != ElementType.FLOAT || weight.rank() < 2) {
            return null;
        }
        int group = Math.toIntExact(node.integer("group", 1));
        int first = Math.toIntExact(weight.dim(0));
        int second = Math.toIntExact(weight.dim(1));
        int[] sizes =
                switch (node.op()) {
                    case "Conv" -> new int[] {second * group, first};
                    case "ConvTranspose" -> new int[] {first, second * group};
                    case "Gemm" ->
                        node.integer("transA", 0) != 0
                                ? null
                                : node.integer("transB", 0) == 0
                                        ? new int[] {first, second}
                                        : new int[] {second, first};
                    case "MatMul" -> weight.rank() == 2 ? new int[] {first, second} : null;
                    default -> null;
                };
        float[] bias = sizes == null ? null : bias(network, node, sizes[1]);
        return bias == null ? null : new LinearLayer(node, weight, bias, sizes[0], sizes[1]);
    }

    private static float[] bias(Network network, Node node, int outputs) {
        if (node.is("MatMul") || !node.hasInput(2)) {
            return new float[outputs];
        }
        Tensor tensor = network.weights().get(node.input(2));
        if (tensor == null || tensor.type() != ElementType.FLOAT) {
            return null;
        }
        boolean row = tensor.size() == outputs && (tensor.rank() == 1 || tensor.rank() == 2 && tensor.dim(0) == 1);
        float[] values = tensor.toFloatArray();
        if (!row && values.length == 1) {
            float[] all = new float[outputs];
            Arrays.fill(all, values[0]);
            return all;
        }
        return row ? values : null;
    }

    private static boolean isPadded(Node node) {
        return !node.text("auto_pad", "NOTSET").matches("NOTSET|VALID")
                || Arrays.stream(node.integers("pads")).anyMatch(pad -> pad != 0);
    }

    private boolean isConvolution() {
        return node.is("Conv") || node.is("ConvTranspose");
    }

    /** Input features or channels. */
    public int inputs() {
        return inputs;
    }

    /** Output features or channels. */
    public int outputs() {
        return outputs;
    }

    /** What is added to each output channel, beside the products. */
    public double[] bias() {
        double factor = node.is("Gemm") ? node.real("beta", 1) : 1;
        double[] added = new double[outputs];
        for (int o = 0; o < outputs; o++) {
            added[o] = bias[o] * factor;
        }
        return added;
    }

    /** What a bias has to change by, so that the output changes by an amount. */
    public double biasFor(double amount) {
        return node.is("Gemm") ? amount / node.real("beta", 1) : amount;
    }

    /** The first input channel that an output channel sees: another than 0 in convolutions of groups. */
    public int firstInput(int output) {
        return output / (outputs / group) * (inputs / group);
    }

    /** The channel behind the last one that an output channel sees. */
    public int endInput(int output) {
        return firstInput(output) + inputs / group;
    }

    /**
     * What an input channel adds to an output channel, NaN when that varies.
     *
     * @param number what the input channel is everywhere, NaN when it varies
     */
    public double contribution(int output, int input, double number) {
        double sum = 0;
        boolean zero = true;
        for (int place = 0; place < window; place++) {
            float weight = weights[at(output, input, place)];
            zero &= weight == 0;
            sum += weight;
        }
        if (zero || number == 0) {
            return 0;
        }
        // At the border of a padded image some of the window sees zeros, and a transposed window overlaps itself.
        boolean varies = padded || node.is("ConvTranspose");
        return varies ? Double.NaN : sum * number * (node.is("Gemm") ? node.real("alpha", 1) : 1);
    }

    private int at(int output, int input, int place) {
        int perGroup = inputs / group;
        return switch (node.op()) {
            case "Conv" -> (output * perGroup + input % perGroup) * window + place;
            case "ConvTranspose" -> (input * (outputs / group) + output % (outputs / group)) * window + place;
            case "Gemm" -> node.integer("transB", 0) == 0 ? input * outputs + output : output * inputs + input;
            default -> input * outputs + output;
        };
    }
}
