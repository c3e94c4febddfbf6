package pomona.quantize;

import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;

/**
 * Which input and which output channel each element of a layer's weight belongs to.
 *
 * @param inputs the number of input channels
 * @param outputs the number of output channels
 * @param groups the number of groups, each with its share of both; 1 but for convolutions
 * @param inner elements of one pair of channels: the size of a kernel's window, or 1
 * @param outputFirst whether the first dimension counts outputs, not inputs
 */
record WeightAxes(int inputs, int outputs, int groups, int inner, boolean outputFirst) {

    /** The axes of a Conv, ConvTranspose, Gemm or MatMul with a constant float matrix or kernel; else null. */
    static WeightAxes of(Network network, Node node) {
        if (!node.domain().isEmpty()) {
            return null;
        }
        Tensor weight = network.weights().get(node.input(1));
        if (weight == null || weight.type() != ElementType.FLOAT || weight.rank() < 2 || weight.size() == 0) {
            return null;
        }
        int first = Math.toIntExact(weight.dim(0));
        int second = Math.toIntExact(weight.dim(1));
        int groups = Math.toIntExact(node.integer("group", 1));
        int inner = Math.toIntExact(weight.size() / ((long) first * second));
        if (node.is("Conv")) {
            return new WeightAxes(second * groups, first, groups, inner, true);
        } else if (node.is("ConvTranspose")) {
            return new WeightAxes(first, second * groups, groups, inner, false);
        } else if (node.is("Gemm") && node.integer("transA", 0) == 0) {
            boolean transposed = node.integer("transB", 0) != 0;
            return new WeightAxes(transposed ? second : first, transposed ? first : second, 1, 1, transposed);
        }
        return node.is("MatMul") && weight.rank() == 2 ? new WeightAxes(first, second, 1, 1, false) : null;
    }

    int input(int element) {
        if (!outputFirst) {
            return element / (inner * (outputs / groups));
        }
        int perGroup = inputs / groups;
        return output(element) / (outputs / groups) * perGroup + element / inner % perGroup;
    }

    int output(int element) {
        if (outputFirst) {
            return element / (inner * (inputs / groups));
        }
        int perGroup = outputs / groups;
        return input(element) / (inputs / groups) * perGroup + element / inner % perGroup;
    }

    /** The largest magnitude that meets each of some neighbouring input channels. */
    float[] inputMaxima(float[] weight, int channels) {
        float[] largest = new float[channels];
        int each = inputs / channels;
        for (int i = 0; i < weight.length; i++) {
            int channel = input(i) / each;
            largest[channel] = Math.max(largest[channel], Math.abs(weight[i]));
        }
        return largest;
    }

    /** The largest magnitude that makes each output channel. */
    float[] outputMaxima(float[] weight) {
        float[] largest = new float[outputs];
        for (int i = 0; i < weight.length; i++) {
            int channel = output(i);
            largest[channel] = Math.max(largest[channel], Math.abs(weight[i]));
        }
        return largest;
    }

    /** Multiplies what meets each input channel; several neighbours share a factor when there are fewer factors. */
    void scaleInputs(float[] weight, double[] factors) {
        int each = inputs / factors.length;
        for (int i = 0; i < weight.length; i++) {
            weight[i] = (float) (weight[i] * factors[input(i) / each]);
        }
    }

    /** Divides what makes each output channel. */
    void divideOutputs(float[] weight, double[] divisors) {
        for (int i = 0; i < weight.length; i++) {
            weight[i] = (float) (weight[i] / divisors[output(i)]);
        }
    }
}
