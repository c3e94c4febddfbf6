package pomona.simplify;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.ShapeInference;
import pomona.graph.Tensor;
import pomona.graph.Value;

/** Folds single batch normalizations; new weights go into a builder, changed nodes into a map. */
final class BatchNormFolder {

    private final Network network;
    private final NetworkBuilder builder;
    private final Map<String, Node> producers;
    private final Map<String, List<Node>> consumers;
    private final Set<String> outputs = new HashSet<>();
    private final Map<String, Value> shapes;

    BatchNormFolder(Network network) {
        this.network = network;
        this.builder = network.toBuilder();
        this.producers = network.graph().producers();
        this.consumers = network.graph().consumers();
        network.signature().outputs().forEach(output -> outputs.add(output.name()));
        // What a sub-graph takes must stay as it is, like an output.
        for (Node node : network.nodes()) {
            Set<String> inside = new HashSet<>(node.takes());
            node.inputs().forEach(inside::remove);
            outputs.addAll(inside);
        }
        this.shapes = ShapeInference.of(network);
    }

    NetworkBuilder builder() {
        return builder;
    }

    /**
     * Folds one normalization if that is possible.
     *
     * @param replaced gets, by a node's first output, the nodes that come in its place
     */
    void fold(Node norm, Map<String, List<Node>> replaced) {
        Affine affine = Affine.of(norm, network);
        Node before = onlyMaker(norm.input(0));
        if (affine == null || before == null || norm.outputs().size() > 1) {
            return;
        }
        if (before.is("Conv") || before.is("ConvTranspose") && before.integer("group", 1) == 1) {
            foldInto(before, before.is("Conv") ? 0 : 1, 1, 1, norm, affine, replaced);
        } else if (before.is("Gemm")) {
            int axis = before.integer("transB", 0) == 0 ? 1 : 0;
            foldInto(before, axis, before.real("alpha", 1), before.real("beta", 1), norm, affine, replaced);
        } else if (before.is("MatMul") && isMatrix(before.output())) {
            foldMatMul(before, null, norm, affine, replaced);
        } else if (before.is("Add") && isMatrix(before.output())) {
            Node product = onlyMaker(before.input(0));
            if (product != null && product.is("MatMul")) {
                foldMatMul(product, before, norm, affine, replaced);
            }
        }
    }

    /** Conv and Gemm have room for a bias. */
    private void foldInto(
            Node layer, int axis, float alpha, float beta, Node norm, Affine affine, Map<String, List<Node>> replaced) {
        Tensor weight = floats(layer.input(1));
        float[] bias = bias(layer.input(2), affine.size());
        if (weight == null || bias == null || weight.dim(axis) != affine.size()) {
            return;
        }
        String scaled = store(layer.input(1), affine.scale(weight, axis, alpha));
        String shifted = store(layer.hasInput(2) ? layer.input(2) : layer.input(1) + ".bias", affine.shift(bias, beta));
        Node folded = layer.withInputs(List.of(layer.input(0), scaled, shifted)).withOutputs(norm.outputs());
        if (layer.is("Gemm")) {
            folded = folded.with("alpha", Attribute.of(1f)).with("beta", Attribute.of(1f));
        }
        replaced.put(layer.output(), List.of());
        replaced.put(norm.output(), List.of(folded));
    }

    private void foldMatMul(Node product, Node add, Node norm, Affine affine, Map<String, List<Node>> replaced) {
        Tensor weight = floats(product.input(1));
        float[] bias = bias(add == null ? "" : add.input(1), affine.size());
        if (weight == null || weight.rank() != 2 || bias == null || weight.dim(1) != affine.size()) {
            return;
        }
        String scaled = store(product.input(1), affine.scale(weight, 1, 1));
        String shifted = store(add == null ? product.input(1) + ".bias" : add.input(1), affine.shift(bias, 1));
        replaced.put(product.output(), List.of(product.withInputs(List.of(product.input(0), scaled))));
        if (add != null) {
            replaced.put(add.output(), List.of());
        }
        String name = add == null ? norm.name() : add.name();
        replaced.put(norm.output(), List.of(Node.of("Add", name, List.of(product.output(), shifted), norm.output())));
    }

    /** The node that makes a value, if nothing but one other node takes it. */
    private Node onlyMaker(String value) {
        boolean single = consumers.getOrDefault(value, List.of()).size() == 1 && !outputs.contains(value);
        return single ? producers.get(value) : null;
    }

    /** A batch normalization works on dimension 1, which is the last one of a matrix. */
    private boolean isMatrix(String value) {
        List<?> shape = shapes.get(value).shape();
        return shape != null && shape.size() == 2;
    }

    private Tensor floats(String name) {
        Tensor tensor = network.weights().get(name);
        return tensor == null || tensor.type() != ElementType.FLOAT ? null : tensor;
    }

    /** A constant bias with one element for each channel; zeros when there is none, null when it is of another kind. */
    private float[] bias(String name, int channels) {
        if (name.isEmpty()) {
            return new float[channels];
        }
        Tensor tensor = floats(name);
        if (tensor == null || tensor.size() != 1 && tensor.size() != channels || tensor.rank() > 2) {
            return null;
        }
        boolean column = tensor.rank() == 2 && tensor.dim(0) != 1;
        float[] values = tensor.toFloatArray();
        if (column) {
            return null;
        }
        if (values.length < channels) {
            float[] all = new float[channels];
            java.util.Arrays.fill(all, values[0]);
            return all;
        }
        return values;
    }

    /** Keeps a weight's name when nothing else uses it. */
    private String store(String wish, Tensor tensor) {
        boolean shared = !network.weights().containsKey(wish)
                || consumers.getOrDefault(wish, List.of()).size() > 1
                || outputs.contains(wish);
        String name = shared ? builder.freshName(wish) : wish;
        builder.weight(name, tensor);
        return name;
    }
}
