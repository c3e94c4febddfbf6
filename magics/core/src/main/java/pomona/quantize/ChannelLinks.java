package pomona.quantize;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pomona.graph.Dimension;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.ShapeInference;
import pomona.graph.Tensor;
import pomona.graph.Value;

/** Finds where factors for each channel can go from what a layer is fed into the weights before it. */
final class ChannelLinks {

    /** Operators f with f(s x) = s f(x) for each channel and every positive s. */
    private static final Set<String> SCALABLE = Set.of(
            "Relu",
            "LeakyRelu",
            "PRelu",
            "Identity",
            "Dropout",
            "MaxPool",
            "AveragePool",
            "GlobalAveragePool",
            "GlobalMaxPool");

    private static final Set<String> IMAGE_LAYERS = Set.of("Conv", "ConvTranspose");
    private static final Set<String> LINEAR_LAYERS = Set.of("Gemm", "MatMul");

    private final Network network;
    private final Map<String, Node> producers;
    private final Map<String, List<Node>> consumers;
    private final Map<String, Value> shapes;
    private final Set<String> pinned = new HashSet<>();

    ChannelLinks(Network network) {
        this.network = network;
        this.producers = network.graph().producers();
        this.consumers = network.graph().consumers();
        this.shapes = ShapeInference.of(network);
        network.signature().outputs().forEach(output -> pinned.add(output.name()));
        for (Node node : network.nodes()) {
            Set<String> inside = new HashSet<>(node.takes());
            node.inputs().forEach(inside::remove);
            pinned.addAll(inside);
        }
    }

    /** Whether a node is a layer with a constant weight of its own, which can be scaled. */
    boolean isLayer(Node node) {
        return hasWeight(node) && readers(node.input(1)).size() == 1 && !pinned.contains(node.input(1));
    }

    /** Whether a node would be such a layer if it were alone in taking its weight. */
    boolean isShared(Node node) {
        return hasWeight(node) && readers(node.input(1)).size() > 1;
    }

    private boolean hasWeight(Node node) {
        boolean known = node.domain().isEmpty() && (isImage(node) || LINEAR_LAYERS.contains(node.op()));
        return known && WeightAxes.of(network, node) != null;
    }

    /** The operators that take a value. */
    List<Node> readers(String value) {
        return consumers.getOrDefault(value, List.of());
    }

    /** The number of input channels of a layer. */
    int inputs(Node layer) {
        return WeightAxes.of(network, layer).inputs();
    }

    static boolean isImage(Node layer) {
        return layer.domain().isEmpty() && IMAGE_LAYERS.contains(layer.op());
    }

    /** The layers that take a value as their data. */
    List<Node> takers(String value) {
        return consumers.getOrDefault(value, List.of()).stream()
                .filter(node -> isLayer(node) && node.input(0).equals(value))
                .distinct()
                .toList();
    }

    /**
     * The link at a value that some layers take: with absorbers, or without, when an operator has to divide, or null.
     *
     * @param chosen the layers whose input may be scaled
     * @param insert whether an operator may divide
     */
    ChannelLink at(String value, Set<Node> chosen, boolean insert) {
        List<Node> takers = takers(value);
        ChannelLink link = chosen.containsAll(takers) ? at(value) : null;
        if (link != null || !insert) {
            return link;
        }
        List<Node> alike = takers.stream().filter(chosen::contains).toList();
        if (alike.isEmpty()) {
            return null;
        }
        int inputs = inputs(alike.get(0));
        boolean image = isImage(alike.get(0));
        boolean same = alike.stream().allMatch(node -> isImage(node) == image && inputs(node) == inputs);
        // An operator over an image costs more than a convolution gains by integers.
        return same && !image ? new ChannelLink(value, inputs, alike, null, List.of()) : null;
    }

    /** The link at a value, or null where factors can not go into weights before it. */
    ChannelLink at(String value) {
        List<Node> takers = takers(value);
        boolean others = takers.size() != new LinkedHashSet<>(consumers.getOrDefault(value, List.of())).size();
        if (takers.isEmpty() || others || pinned.contains(value)) {
            return null;
        }
        int inputs = inputs(takers.get(0));
        boolean image = isImage(takers.get(0));
        for (Node taker : takers) {
            if (isImage(taker) != image || inputs(taker) != inputs) {
                return null;
            }
        }
        Search search = new Search(inputs, image);
        Node maker = search.up(value);
        return maker == null ? null : new ChannelLink(value, search.channels, takers, maker, search.absorbers);
    }

    private static boolean isFloats(Tensor tensor) {
        return tensor != null && tensor.type() == ElementType.FLOAT;
    }

    /** One way up from a value to the weights that can take its factors. */
    private final class Search {

        private final List<ChannelScaling.Slot> absorbers = new ArrayList<>();
        private int channels;
        private boolean image;

        Search(int channels, boolean image) {
            this.channels = channels;
            this.image = image;
        }

        /** The node that takes the factors, or null. */
        Node up(String value) {
            Node maker = producers.get(value);
            if (maker == null || !maker.domain().isEmpty()) {
                return null;
            } else if (SCALABLE.contains(maker.op())) {
                return further(maker.input(0));
            }
            return switch (maker.op()) {
                case "Flatten", "Reshape" -> {
                    Node flat = unflattened(maker);
                    yield flat != null || image ? flat : throughAttention(maker);
                }
                case "Conv", "ConvTranspose" -> image ? layer(maker) : null;
                case "Gemm", "MatMul" -> image ? null : layer(maker);
                case "Add", "Mul" -> withVector(maker);
                case "LayerNormalization", "BatchNormalization" -> normalization(maker);
                default -> null;
            };
        }

        /** Whether one operator alone takes a value. */
        private boolean isForOne(String value) {
            return consumers.getOrDefault(value, List.of()).size() == 1 && !pinned.contains(value);
        }

        private Node further(String value) {
            return isForOne(value) ? up(value) : null;
        }

        /** Before an image is flattened, a channel is one dimension of it. */
        private Node unflattened(Node maker) {
            List<Dimension> from = shape(maker.input(0));
            List<Dimension> to = shape(maker.output());
            if (image || from == null || to == null || from.size() < 3 || to.size() != 2) {
                return null;
            }
            long features = 1;
            for (Dimension dimension : from.subList(1, from.size())) {
                features *= dimension.isFixed() ? dimension.size() : 0;
            }
            if (features != channels || !to.get(1).isFixed() || to.get(1).size() != features) {
                return null;
            }
            channels = Math.toIntExact(from.get(1).size());
            image = true;
            return further(maker.input(0));
        }

        /**
         * An attention's outputs are sums over tokens, channel by channel, of its values: from its heads put side by side
         * to the layer that makes the values.
         */
        private Node throughAttention(Node joined) {
            Node heads = maker(joined.input(0), "Transpose");
            Node sums = heads == null ? null : maker(heads.input(0), "MatMul");
            Node swapped = sums == null ? null : maker(sums.input(1), "Transpose");
            Node split = swapped == null ? null : maker(swapped.input(0), "Reshape");
            if (split == null || !swapsHeads(heads) || !swapsHeads(swapped)) {
                return null;
            }
            List<Dimension> apart = shape(split.output());
            boolean same = joins(apart, shape(split.input(0))) && joins(shape(heads.output()), shape(joined.output()));
            boolean alike = same && apart.get(2).equals(shape(heads.output()).get(2));
            return alike ? further(split.input(0)) : null;
        }

        /** The operator of a kind that makes a value for one user alone, or null. */
        private Node maker(String value, String op) {
            Node maker = producers.get(value);
            return isForOne(value) && maker != null && maker.is(op) ? maker : null;
        }

        private boolean swapsHeads(Node transpose) {
            long[] order = transpose.integers("perm", new long[0]);
            return Arrays.equals(order, new long[] {0, 2, 1, 3});
        }

        /** Whether the last two dimensions of the one, head and place in it, are the channels of the other. */
        private boolean joins(List<Dimension> apart, List<Dimension> together) {
            if (apart == null || together == null || apart.size() != 4 || together.size() != 3) {
                return false;
            }
            boolean fixed = apart.get(2).isFixed()
                    && apart.get(3).isFixed()
                    && together.get(2).isFixed();
            return fixed
                    && together.get(2).size() == channels
                    && apart.get(2).size() * apart.get(3).size() == channels;
        }

        private List<Dimension> shape(String value) {
            return shapes.get(value) == null ? null : shapes.get(value).shape();
        }

        private Node layer(Node maker) {
            if (!isLayer(maker) || WeightAxes.of(network, maker).outputs() != channels) {
                return null;
            }
            absorbers.add(new ChannelScaling.Slot(maker, 1));
            return !maker.hasInput(2) || vector(maker, 2) ? maker : null;
        }

        private Node withVector(Node maker) {
            for (int place = 0; place < 2; place++) {
                Tensor tensor = network.weights().get(maker.input(place));
                if (tensor != null && maker.is("Mul") && isFloats(tensor) && tensor.size() == 1) {
                    return further(maker.input(1 - place));
                }
                if (tensor != null) {
                    boolean taken = vector(maker, place);
                    return !taken ? null : maker.is("Mul") ? maker : further(maker.input(1 - place));
                }
            }
            return null;
        }

        private Node normalization(Node maker) {
            List<Dimension> shape = shape(maker.input(0));
            boolean last = maker.is("LayerNormalization")
                    ? !image && lastAxis(maker, shape)
                    : image || shape != null && shape.size() == 2;
            return last && vector(maker, 1) && (!maker.hasInput(2) || vector(maker, 2)) ? maker : null;
        }

        private boolean lastAxis(Node norm, List<Dimension> shape) {
            long axis = norm.integer("axis", -1);
            return axis == -1 || shape != null && axis == shape.size() - 1;
        }

        /** Takes a vector of one element for each channel among what is divided; false when it is of another kind. */
        private boolean vector(Node node, int place) {
            Tensor tensor = network.weights().get(node.input(place));
            if (!isFloats(tensor) || pinned.contains(node.input(place))) {
                return false;
            }
            boolean broadcast = node.is("Add") || node.is("Mul");
            boolean fits = broadcast && image ? imageVector(node, tensor) : lastVector(tensor, broadcast);
            if (fits) {
                absorbers.add(new ChannelScaling.Slot(node, place));
            }
            return fits;
        }

        private boolean lastVector(Tensor tensor, boolean broadcast) {
            boolean scalar = tensor.size() == 1 && tensor.rank() < 2 && !broadcast;
            return scalar || tensor.size() == channels && tensor.rank() > 0 && tensor.dim(-1) == channels;
        }

        private boolean imageVector(Node node, Tensor tensor) {
            List<Dimension> shape = shape(node.output());
            int axis = shape == null ? -1 : 1 - (shape.size() - tensor.rank());
            return axis >= 0 && tensor.size() == channels && tensor.dim(axis) == channels;
        }
    }
}
