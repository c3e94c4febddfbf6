package pomona.quantize;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
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
    private final Set<String> nodeNames = new HashSet<>();
    private final Map<String, Input> inputs = new HashMap<>();
    private final Map<String, Weight> weights = new HashMap<>();

    DynamicRewriter(Network network, List<LayerWeight> chosen, boolean perChannel, int largest) {
        this.network = network;
        network.nodes().forEach(node -> nodeNames.add(node.name()));
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

        String sum = fresh(base + ".int32");
        nodes.add(Node.of("MatMulInteger", node.name(), List.of(input.bytes(), weight.bytes(), input.zero()), sum));
        String cast = fresh(base + ".cast");
        nodes.add(Node.of("Cast", nodeName(cast), List.of(sum), cast).with("to", Attribute.of(FLOAT)));
        String scale = fresh(base + ".scale");
        nodes.add(Node.of("Mul", nodeName(scale), List.of(input.scale(), weight.scale()), scale));
        String scaled = biased ? fresh(base + ".scaled") : base;
        nodes.add(Node.of("Mul", nodeName(base + ".rescale"), List.of(cast, scale), scaled));
        if (biased) {
            nodes.add(Node.of("Add", nodeName(base + ".bias"), List.of(scaled, bias(node)), base));
        }
    }

    private String transposed(Node node) {
        String output = fresh(node.input(0) + ".transposed");
        nodes.add(Node.of("Transpose", nodeName(output), List.of(node.input(0)), output)
                .with("perm", Attribute.ofInts(1, 0)));
        return output;
    }

    /** Layers that take the same value share its quantization. */
    private Input input(String value) {
        return inputs.computeIfAbsent(value, name -> {
            Input input = new Input(fresh(name + ".uint8"), fresh(name + ".scale"), fresh(name + ".zero"));
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
            Weight names = new Weight(fresh(layer.name() + ".int8"), fresh(layer.name() + ".scale"));
            builder.weight(names.bytes(), weight.values());
            builder.weight(names.scale(), weight.scaleTensor(channels));
            return names;
        });
    }

    /** The bias as it is, or multiplied with beta. */
    private String bias(Node node) {
        float beta = node.real("beta", 1);
        if (beta == 1) {
            return node.input(2);
        }
        String factor = fresh(node.output() + ".beta");
        builder.weight(factor, Tensor.scalar(beta));
        String scaled = fresh(node.output() + ".bias");
        nodes.add(Node.of("Mul", nodeName(scaled), List.of(node.input(2), factor), scaled));
        return scaled;
    }

    private String fresh(String wish) {
        String name = builder.freshName(wish);
        for (int i = 1; taken(name); i++) {
            name = builder.freshName(wish + "_" + i);
        }
        return name;
    }

    /** Names of nodes are apart from names of values; ONNX Runtime wants them unique too. */
    private String nodeName(String wish) {
        String name = wish;
        for (int i = 1; nodeNames.contains(name); i++) {
            name = wish + "_" + i;
        }
        nodeNames.add(name);
        return name;
    }

    private boolean taken(String name) {
        return nodes.stream().anyMatch(node -> node.outputs().contains(name));
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
