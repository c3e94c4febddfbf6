package pomona.simplify;

import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;

/**
 * A batch normalization as what it does to each channel: multiply by {@code factors} and add {@code terms}.
 *
 * @param factors scale / sqrt(variance + epsilon)
 * @param terms shift - mean * factor
 */
record Affine(double[] factors, double[] terms) {

    /** Null when the normalization trains, or its parameters are not constant floats. */
    static Affine of(Node norm, Network network) {
        if (norm.integer("training_mode", 0) != 0) {
            return null;
        }
        float[][] parameters = new float[4][];
        for (int i = 0; i < 4; i++) {
            Tensor tensor = network.weights().get(norm.input(i + 1));
            if (tensor == null || tensor.type() != ElementType.FLOAT) {
                return null;
            }
            parameters[i] = tensor.toFloatArray();
        }
        double epsilon = norm.real("epsilon", 1e-5f);
        double[] factors = new double[parameters[0].length];
        double[] terms = new double[factors.length];
        for (int c = 0; c < factors.length; c++) {
            factors[c] = parameters[0][c] / Math.sqrt(parameters[3][c] + epsilon);
            terms[c] = parameters[1][c] - parameters[2][c] * factors[c];
        }
        return new Affine(factors, terms);
    }

    int size() {
        return factors.length;
    }

    /** A weight whose channels along an axis are multiplied by their factor and by alpha. */
    Tensor scale(Tensor weight, int axis, double alpha) {
        float[] values = weight.toFloatArray();
        int inner = 1;
        for (int i = axis + 1; i < weight.rank(); i++) {
            inner *= Math.toIntExact(weight.dim(i));
        }
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (values[i] * factors[i / inner % factors.length] * alpha);
        }
        return Tensor.ofFloats(values, weight.shape());
    }

    /** A bias after the normalization; beta is what the layer multiplies its bias with. */
    Tensor shift(float[] bias, double beta) {
        float[] values = new float[bias.length];
        for (int c = 0; c < values.length; c++) {
            values[c] = (float) (bias[c] * beta * factors[c] + terms[c]);
        }
        return Tensor.ofFloats(values, values.length);
    }
}
