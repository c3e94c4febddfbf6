package pomona.quantize;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import pomona.graph.ElementType;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;

/**
 * What is known without data of what layers are fed: behind a layer normalization, whose numbers have mean 0 and variance 1
 * before it scales and moves them, the mean square of a channel is about scale^2 + bias^2 (Ba et al., Layer Normalization,
 * 2016, equation 4).
 */
final class NormalizedInputs {

    private final Network network;
    private final Map<String, Node> producers;
    private final Map<String, List<LayerWeight>> uses;

    NormalizedInputs(Network network) {
        this.network = network;
        this.producers = network.graph().producers();
        this.uses = LayerWeight.uses(network).stream().collect(Collectors.groupingBy(LayerWeight::name));
    }

    /**
     * The mean square of each column of a weight's matrix, summed over the layers that share it; null when no normalization
     * is before one of them, or one takes the weight transposed.
     */
    float[] meanSquares(LayerWeight weight) {
        float[] sums = null;
        for (LayerWeight use : uses.get(weight.name())) {
            float[] own = use.outputAxis() == weight.outputAxis() ? ofLayer(use) : null;
            if (own == null) {
                return null;
            }
            if (sums == null) {
                sums = new float[own.length];
            }
            for (int i = 0; i < sums.length; i++) {
                sums[i] += own[i];
            }
        }
        return sums;
    }

    private float[] ofLayer(LayerWeight layer) {
        Node node = layer.node();
        if (!node.input(1).equals(layer.name()) || node.is("Gemm") && node.integer("transA", 0) != 0) {
            return null;
        }
        Node maker = producers.get(node.input(0));
        float[] scale = null;
        float[] bias = null;
        if (maker != null && maker.is("LayerNormalization")) {
            scale = vector(maker.input(1));
            bias = vector(maker.input(2));
        } else if (maker != null && maker.is("Add")) {
            Node scaled = makerBeside(maker);
            Node normalized = scaled == null || !scaled.is("Mul") ? null : makerBeside(scaled);
            if (normalized != null && isNormalized(normalized)) {
                scale = vectorOf(scaled);
                bias = vectorOf(maker);
            }
        }
        long columns = layer.tensor().dim(1 - layer.outputAxis());
        boolean fits = scale != null && scale.length == columns && (bias == null || bias.length == columns);
        return fits ? sumOfSquares(scale, bias) : null;
    }

    private static float[] sumOfSquares(float[] scale, float[] bias) {
        float[] squares = new float[scale.length];
        for (int i = 0; i < squares.length; i++) {
            squares[i] = scale[i] * scale[i] + (bias == null ? 0 : bias[i] * bias[i]);
        }
        return squares;
    }

    /** Whether a value was divided by a root, as exporters write a normalization in single operators. */
    private boolean isNormalized(Node node) {
        Node divisor = node.is("Div") ? producers.get(node.input(1)) : null;
        return divisor != null && divisor.is("Sqrt");
    }

    /** What made the input of an operator that is not a vector of weights; null when there is no vector. */
    private Node makerBeside(Node node) {
        for (int place = 0; place < 2; place++) {
            if (vector(node.input(place)) != null) {
                return producers.get(node.input(1 - place));
            }
        }
        return null;
    }

    private float[] vectorOf(Node node) {
        float[] first = vector(node.input(0));
        return first == null ? vector(node.input(1)) : first;
    }

    private float[] vector(String name) {
        Tensor tensor = network.weights().get(name);
        boolean floats = tensor != null && tensor.type() == ElementType.FLOAT && tensor.rank() == 1;
        return floats ? tensor.toFloatArray() : null;
    }
}
