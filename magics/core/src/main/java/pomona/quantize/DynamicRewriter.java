package pomona.quantize;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.FreshNames;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Tensor;

/** Writes linear layers as integer products whose inputs are quantized while the network runs. */
final class DynamicRewriter {

    private static final long FLOAT = ElementType.FLOAT.code();

    /** A quantized input: bytes, scale and zero point. */
    private record Input(String bytes, String scale, String zero) {}

    /** A quantized weight, as rows of inputs and columns of outputs, and its scale. */
    private record Weight(String bytes, String scale) {}

    private final Network network;
    private final NetworkBuilder builder;
    private final Map<String, LayerWeight> chosen;
    private final boolean perChannel;
    private final int largest;
    private final List<Node> nodes = new ArrayList<>();
    private final FreshNames names;
    private final Map<String, Input> inputs = new HashMap<>();
    private final Map<String, Weight> weights = new HashMap<>();

    DynamicRewriter(Network network, List<LayerWeight> chosen, boolean perChannel, int largest) {
        this.network = network;
        this.names = new FreshNames(network);
        this.builder = network.toBuilder();
        this.chosen = chosen.stream().collect(Collectors.toMap(LayerWeight::name, weight -> weight));
        this.perChannel = perChannel;
        this.largest = largest;
    }

    Network rewrite() {
        for (Node node : network.nodes()) {
            boolean linear = node.is("Gemm") || node.is("MatMul");
            if (linear && chosen.containsKey(node.input(1))) {
                rewrite(node);
            } else {
                nodes.add(node);
            }
        }
        return builder.nodes(nodes).build();
    }

    private void rewrite(Node node) {
        boolean gemm = node.is("Gemm");
        float alpha = gemm ? node.real("alpha", 1) : 1;
        boolean transposedWeight = gemm && node.integer("transB", 0) != 0;
        Input input = input(gemm && node.integer("transA", 0) != 0 ? transposed(node) : node.input(0));
        Weight weight = weight(chosen.get(node.input(1)), transposedWeight, alpha);
        String base = node.output();
        boolean biased = node.hasInput(2);

        String sum = names.value(base + ".int32");
        nodes.add(Node.of("MatMulInteger", node.name(), List.of(input.bytes(), weight.bytes(), input.zero()), sum));
        String cast = names.value(base + ".cast");
        nodes.add(Node.of("Cast", names.node(cast), List.of(sum), cast).with("to", Attribute.of(FLOAT)));
        String scale = names.value(base + ".scale");
        nodes.add(Node.of("Mul", names.node(scale), List.of(input.scale(), weight.scale()), scale));
        String scaled = biased ? names.value(base + ".scaled") : base;
        nodes.add(Node.of("Mul", names.node(base + ".rescale"), List.of(cast, scale), scaled));
        if (biased) {
            nodes.add(Node.of("Add", names.node(base + ".bias"), List.of(scaled, bias(node)), base));
        }
    }

    private String transposed(Node node) {
        String output = names.value(node.input(0) + ".transposed");
        nodes.add(Node.of("Transpose", names.node(output), List.of(node.input(0)), output)
                .with("perm", Attribute.ofInts(1, 0)));
        return output;
    }

    /** Layers that take the same value share its quantization. */
    private Input input(String value) {
        return inputs.computeIfAbsent(value, name -> {
            Input input =
                    new Input(names.value(name + ".uint8"), names.value(name + ".scale"), names.value(name + ".zero"));
            nodes.add(Node.of(
                    "DynamicQuantizeLinear", input.bytes(), List.of(name), input.bytes(), input.scale(), input.zero()));
            return input;
        });
    }

    private Weight weight(LayerWeight layer, boolean transposed, float alpha) {
        return weights.computeIfAbsent(layer.name() + "/" + transposed + "/" + alpha, key -> {
            Tensor tensor = transposed ? transpose(layer.tensor()) : layer.tensor();
            float[] values = tensor.toFloatArray();
            // A weight with leading dimensions has a matrix for each; its columns can not have scales of their own.
            boolean channels = perChannel && tensor.rank() == 2;
            int axis = channels ? 1 : -1;
            float[] scales = QuantizedWeight.scales(values, tensor.shape(), axis, largest);
            QuantizedWeight weight = QuantizedWeight.of(values, tensor.shape(), axis, scales, largest);
            for (int c = 0; c < scales.length; c++) {
                scales[c] *= alpha;
            }
            Weight stored = new Weight(names.value(layer.name() + ".int8"), names.value(layer.name() + ".scale"));
            builder.weight(stored.bytes(), weight.values());
            builder.weight(stored.scale(), weight.scaleTensor(channels));
            return stored;
        });
    }

    /** The bias as it is, or multiplied with beta. */
    private String bias(Node node) {
        float beta = node.real("beta", 1);
        if (beta == 1) {
            return node.input(2);
        }
        String factor = names.value(node.output() + ".beta");
        builder.weight(factor, Tensor.scalar(beta));
        String scaled = names.value(node.output() + ".bias");
        nodes.add(Node.of("Mul", names.node(scaled), List.of(node.input(2), factor), scaled));
        return scaled;
    }

    private static Tensor transpose(Tensor matrix) {
        int rows = Math.toIntExact(matrix.dim(0));
        int columns = Math.toIntExact(matrix.dim(1));
        float[] from = matrix.toFloatArray();
        float[] to = new float[from.length];
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < columns; c++) {
                to[c * rows + r] = from[r * columns + c];
            }
        }
        return Tensor.ofFloats(to, columns, rows);
    }
}
