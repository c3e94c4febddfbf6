package pomona.prune;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pomona.calibrate.LinearLayer;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.structure.Coupling;

/** The operators that sum over channels: says which channels may leave them, and puts what those added into biases. */
final class ConstantReaders {

    private static final Set<String> RECURRENT = Set.of("LSTM", "GRU", "RNN");
    private static final Set<String> LINEAR = Set.of("Conv", "ConvTranspose", "Gemm", "MatMul");

    private final Coupling coupling;
    private final Network network;
    private final ConstantChannels constants;
    private final Map<String, List<Node>> consumers;

    ConstantReaders(Coupling coupling) {
        this.coupling = coupling;
        this.network = coupling.network();
        this.constants = new ConstantChannels(coupling);
        this.consumers = network.graph().consumers();
    }

    /** Channels that some operator needs because they vary, or because what they add varies. */
    Set<Integer> needed() {
        Set<Integer> needed = new HashSet<>();
        for (Node node : network.nodes()) {
            if (node.domain().isEmpty() && LINEAR.contains(node.op())) {
                addNeeded(node, needed);
            } else if (node.domain().isEmpty() && RECURRENT.contains(node.op())) {
                addColumns(node.input(1), needed);
                addColumns(node.input(2), needed);
            }
        }
        return needed;
    }

    private void addNeeded(Node node, Set<Integer> needed) {
        LinearLayer layer = LinearLayer.of(network, node);
        int[] channels = channels(node);
        if (layer == null) {
            node.inputs().forEach(input -> addNonZero(input, needed));
            return;
        }
        if (channels == null) {
            addNonZero(node.input(0), needed);
            return;
        }
        if (isDepthwise(node, layer)) {
            return;
        }
        double[] numbers = constants.of(node.input(0));
        for (int o = 0; o < layer.outputs(); o++) {
            for (int i = layer.firstInput(o); i < layer.endInput(o); i++) {
                double number = numbers == null ? Double.NaN : numbers[i];
                if (Double.isNaN(layer.contribution(o, i, number))) {
                    needed.add(channels[i]);
                }
            }
        }
    }

    /** A depthwise convolution does not sum over channels. */
    private static boolean isDepthwise(Node node, LinearLayer layer) {
        return node.is("Conv") && node.integer("group", 1) == layer.inputs() && layer.inputs() > 1;
    }

    /** Products of values, and layers that are not taken apart here: only channels that are zero may go. */
    private void addNonZero(String value, Set<Integer> needed) {
        int[][] axes = coupling.channels(value);
        double[] numbers = constants.of(value);
        for (int[] axis : axes == null ? new int[0][] : axes) {
            for (int i = 0; axis != null && i < axis.length; i++) {
                if (network.weights().containsKey(value) || numbers == null || numbers[i] != 0) {
                    needed.add(axis[i]);
                }
            }
        }
    }

    /** A recurrent layer's columns: those that are all zero read nothing. */
    private void addColumns(String weight, Set<Integer> needed) {
        Tensor tensor = network.weights().get(weight);
        int[][] axes = coupling.channels(weight);
        if (tensor == null || axes == null || axes[2] == null) {
            return;
        }
        float[] values = tensor.toFloatArray();
        for (int i = 0; i < values.length; i++) {
            if (values[i] != 0) {
                needed.add(axes[2][i % axes[2].length]);
            }
        }
    }

    /** The channels of the input that the weights meet, or null when the input has none or they lie elsewhere. */
    private int[] channels(Node node) {
        int[][] axes = coupling.channels(node.input(0));
        int axis = axes == null ? -1 : node.is("Conv") || node.is("ConvTranspose") ? 1 : axes.length - 1;
        boolean only = axis >= 0 && constants.axis(node.input(0)) == axis;
        return only ? axes[axis] : null;
    }

    /** The network with what the channels add in the biases of the layers that read them. */
    Network fold(Set<Integer> gone) {
        NetworkBuilder builder = network.toBuilder();
        List<Node> nodes = new ArrayList<>();
        for (Node node : network.nodes()) {
            double[] added = node.domain().isEmpty() && LINEAR.contains(node.op()) ? added(node, gone) : null;
            if (added == null) {
                nodes.add(node);
            } else {
                withBias(builder, node, added, nodes);
            }
        }
        return builder.nodes(nodes).build();
    }

    /** What channels add to each output, or null when that is nothing. */
    private double[] added(Node node, Set<Integer> gone) {
        LinearLayer layer = LinearLayer.of(network, node);
        int[] channels = channels(node);
        double[] numbers = constants.of(node.input(0));
        if (layer == null || channels == null || numbers == null || isDepthwise(node, layer)) {
            return null;
        }
        double[] added = new double[layer.outputs()];
        boolean any = false;
        for (int o = 0; o < added.length; o++) {
            for (int i = layer.firstInput(o); i < layer.endInput(o); i++) {
                if (gone.contains(channels[i])) {
                    added[o] += layer.contribution(o, i, numbers[i]);
                }
            }
            any |= added[o] != 0;
        }
        return any ? added : null;
    }

    private void withBias(NetworkBuilder builder, Node node, double[] added, List<Node> nodes) {
        LinearLayer layer = LinearLayer.of(network, node);
        double[] old = layer.bias();
        float[] bias = new float[added.length];
        for (int o = 0; o < bias.length; o++) {
            bias[o] = (float) layer.biasFor(old[o] + added[o]);
        }
        Tensor tensor = Tensor.ofFloats(bias, bias.length);
        if (node.is("MatMul")) {
            String name = builder.freshName(node.input(1) + ".bias");
            String product = builder.freshName(node.output() + ".product");
            builder.weight(name, tensor);
            nodes.add(node.withOutputs(List.of(product)));
            nodes.add(Node.of(
                    "Add", builder.freshName(node.label() + ".constant"), List.of(product, name), node.output()));
            return;
        }
        boolean own = node.hasInput(2) && consumers.get(node.input(2)).size() == 1;
        String name = own ? node.input(2) : builder.freshName(node.input(1) + ".bias");
        builder.weight(name, tensor);
        nodes.add(node.withInputs(List.of(node.input(0), node.input(1), name)));
    }
}
