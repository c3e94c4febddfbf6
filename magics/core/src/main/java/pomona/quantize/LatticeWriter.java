package pomona.quantize;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import pomona.djl.StraightThrough;
import pomona.graph.ElementType;
import pomona.graph.FreshNames;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Tensor;

/** Puts integers in the places of learned lattices: pairs of QuantizeLinear and DequantizeLinear, integer weights, biases. */
final class LatticeWriter {

    /** Below so many weights the operators that unpack them take more room than is won. */
    private static final int SMALL = 1024;

    private final Network trained;
    private final NetworkBuilder builder;
    private final FreshNames names;
    private final Map<String, Node> producers;
    private final WeightStorage storage;
    private final List<Node> nodes = new ArrayList<>();
    private final DequantizedConstants constants;
    private final PackedIntegers packed;
    private final Map<String, float[]> steps = new HashMap<>();

    /** @param storage how weights are stored, not {@link WeightStorage#AUTO} */
    LatticeWriter(Network trained, WeightStorage storage) {
        this.trained = trained;
        this.storage = storage;
        this.builder = trained.toBuilder();
        this.names = new FreshNames(trained);
        this.producers = trained.graph().producers();
        this.constants = new DequantizedConstants(builder, names, nodes);
        this.packed = new PackedIntegers(builder, names, nodes);
    }

    /** The network, in which weights of floats that nobody takes any more are left: branches may take them by their names. */
    Network write() {
        for (Node node : trained.nodes()) {
            if (!StraightThrough.isQuantize(node)) {
                nodes.add(withBias(node));
            } else if (trained.weights().containsKey(node.input(0))) {
                weight(node);
            } else {
                activation(node);
            }
        }
        steps.keySet().forEach(builder::removeWeight);
        return builder.nodes(nodes).build();
    }

    private float[] steps(Node lattice) {
        return steps.computeIfAbsent(lattice.input(1), name -> {
            float[] learned = trained.weight(name).toFloatArray();
            for (int i = 0; i < learned.length; i++) {
                learned[i] = Math.max(Math.abs(learned[i]), StraightThrough.SMALLEST_STEP);
            }
            return learned;
        });
    }

    /**
     * Fewer than 8 bits are levels of bytes: bytes beyond them are clipped, behind the quantization, since ONNX Runtime runs
     * a layer in integers only where the quantization follows it at once.
     */
    private void activation(Node node) {
        int low = (int) node.integer("low", 0);
        int high = (int) node.integer("high", 0);
        String name = node.output();
        String scale = constants.add(name + ".scale", Tensor.scalar(steps(node)[0]));
        String zero = constants.add(name + ".zero", bytes(-low));
        String bytes = names.value(name + ".uint8");
        nodes.add(
                Node.of("QuantizeLinear", names.node(name + ".quantize"), List.of(node.input(0), scale, zero), bytes));
        if (high - low < 255) {
            String clipped = names.value(name + ".clipped");
            String most = constants.add(name + ".most", bytes(high - low));
            nodes.add(Node.of("Clip", names.node(clipped), List.of(bytes, "", most), clipped));
            bytes = clipped;
        }
        nodes.add(Node.of("DequantizeLinear", names.node(name + ".dequantize"), List.of(bytes, scale, zero), name));
    }

    private static Tensor bytes(int value) {
        return Tensor.of(ElementType.UINT8, ByteBuffer.wrap(new byte[] {(byte) value}));
    }

    private void weight(Node node) {
        float[] step = steps(node);
        Tensor weight = trained.weight(node.input(0));
        int axis = (int) node.integer("axis", -1);
        byte[] levels = levels(weight, step, axis, node);
        String wish = node.input(0);
        String bytes = stored(wish, levels, weight.shape(), (int) node.integer("high", 0));
        constants.weight(wish, bytes, storage.element(), step, axis, node.output());
    }

    /** The value that has a weight's levels in its shape. */
    private String stored(String wish, byte[] levels, long[] shape, int high) {
        if (storage == WeightStorage.BYTES || storage == WeightStorage.PACKED && levels.length < SMALL) {
            return constants.add(wish + ".int8", Tensor.ofBytes(ElementType.INT8, levels, shape));
        }
        if (storage == WeightStorage.INT4) {
            ByteBuffer nibbles = PackedIntegers.pack(4, levels.length, i -> levels[i]);
            return constants.add(wish + ".int4", Tensor.of(ElementType.INT4, nibbles, shape));
        }
        return packed.store(wish, levels, Integer.SIZE - Integer.numberOfLeadingZeros(high) + 1, shape);
    }

    private static byte[] levels(Tensor weight, float[] step, int axis, Node lattice) {
        float low = lattice.integer("low", 0);
        float high = lattice.integer("high", 0);
        float[] values = weight.toFloatArray();
        int inner = QuantizedWeight.inner(weight.shape(), axis);
        byte[] levels = new byte[values.length];
        for (int i = 0; i < levels.length; i++) {
            float place = values[i] / step[i / inner % step.length];
            levels[i] = (byte) Math.rint(Math.max(low, Math.min(high, place)));
        }
        return levels;
    }

    /** A layer of integers has its bias in steps of what it adds up, so that it runs on integers alone. */
    private Node withBias(Node node) {
        boolean layer = (node.is("Conv") || node.is("Gemm") && node.real("alpha", 1) == 1 && node.real("beta", 1) == 1)
                && node.hasInput(2)
                && isLattice(node.input(0))
                && isLattice(node.input(1));
        Tensor bias = layer ? trained.weights().get(node.input(2)) : null;
        if (bias == null || bias.type() != ElementType.FLOAT || bias.rank() != 1) {
            return node;
        }
        Node input = producers.get(node.input(0));
        Node weight = producers.get(node.input(1));
        int outputs = node.is("Conv") || node.integer("transB", 0) != 0 ? 0 : 1;
        if (bias.size() != trained.weight(weight.input(0)).dim(outputs)) {
            return node;
        }
        float[] step = steps(weight).clone();
        for (int c = 0; c < step.length; c++) {
            step[c] *= steps(input)[0];
        }
        float[] values = bias.toFloatArray();
        int[] levels = new int[values.length];
        for (int c = 0; c < levels.length; c++) {
            double place = values[c] / (double) step[c % step.length];
            if (Math.abs(place) > DequantizedConstants.LARGEST_BIAS) {
                return node;
            }
            levels[c] = (int) Math.rint(place);
        }
        String wish = node.input(2);
        String back = constants.bias(wish, levels, step, step.length > 1);
        return node.withInputs(List.of(node.input(0), node.input(1), back));
    }

    private boolean isLattice(String value) {
        return producers.containsKey(value) && StraightThrough.isQuantize(producers.get(value));
    }
}
