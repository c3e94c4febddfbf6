package pomona.quantize;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Set;
import pomona.graph.CodebookWeight;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.PackedWeight;
import pomona.graph.Tensor;

/**
 * How a layer's weight is stored.
 *
 * @param product the operator that multiplies with it or looks rows up in it
 * @param direct the name of the weight as that operator takes it
 * @param type the type of its elements; of several in a byte, theirs
 * @param code how they stand for the numbers of the weight
 */
record StoredWeight(Node product, String direct, ElementType type, WeightCode code) {

    private static final Set<String> SECOND = Set.of(
            "Conv",
            "ConvTranspose",
            "ConvInteger",
            "MatMul",
            "Gemm",
            "MatMulInteger",
            "MatMulNBits",
            "LSTM",
            "GRU",
            "RNN",
            "DynamicQuantizeLSTM");

    private static final Set<String> FIRST = Set.of("Gather", "GatherBlockQuantized", "MatMul", "Gemm");

    /**
     * Finds the weight among the operators that a layer became; null when none of them has one. Where rows of scales are
     * looked up beside rows of integers, these are the weight.
     */
    static StoredWeight of(LayerTrace.Found found, Network network, ConstantParts parts) {
        StoredWeight scales = null;
        for (Node node : found.operators()) {
            String weight = operand(node, parts);
            StoredWeight stored = weight == null ? null : new Trace(network).follow(node, weight);
            if (stored != null && !(node.is("Gather") && stored.type().isFloating())) {
                return stored;
            }
            scales = scales == null ? stored : scales;
        }
        return scales;
    }

    private static String operand(Node node, ConstantParts parts) {
        if (node.outputs().stream().anyMatch(parts::isConstant)) {
            return null;
        }
        if (SECOND.contains(node.op()) && parts.isConstant(node.input(1))) {
            return node.input(1);
        }
        return FIRST.contains(node.op()) && parts.isConstant(node.input(0)) ? node.input(0) : null;
    }

    /** Follows a weight back to where it is stored. */
    private static final class Trace {

        private final Network network;
        private final Map<String, Node> producers;
        private final Map<String, PackedWeight> packed;

        Trace(Network network) {
            this.network = network;
            this.producers = network.graph().producers();
            this.packed = PackedWeight.of(network);
        }

        StoredWeight follow(Node product, String direct) {
            long block = product.integer("block_size", 0);
            String value = direct;
            while (!network.weights().containsKey(value)) {
                Node maker = producers.get(value);
                if (maker.inputs().isEmpty()) {
                    return new StoredWeight(product, direct, ElementType.FLOAT, WeightCode.FLOATS);
                }
                if (CodebookWeight.isLookUp(maker, network, producers)) {
                    return new StoredWeight(
                            product, direct, ElementType.UINT8, new WeightCode(0, 0, values(maker.input(0))));
                }
                block = Math.max(block, maker.integer("block_size", 0));
                value = maker.input(before(maker));
            }
            PackedWeight several = packed.get(value);
            Tensor stored = network.weight(value);
            ElementType type = several == null ? stored.type() : several.type();
            int bits = several != null ? several.bits() : type.isFloating() ? 0 : usedBits(stored, block);
            return new StoredWeight(product, direct, type, new WeightCode(bits, block, 0));
        }

        /** The place of what an operator makes a weight of: integers are looked up by the bytes they are packed in. */
        private static int before(Node maker) {
            return maker.is("ScatterElements") ? 2 : maker.is("Gather") ? 1 : 0;
        }

        private int values(String codebook) {
            Node zero = producers.get(codebook);
            boolean padded = zero != null && zero.is("Pad");
            return (int) network.weight(padded ? zero.input(0) : codebook).size() + (padded ? 1 : 0);
        }
    }

    /** Bytes about one middle use as many bits as the one farthest from it needs. */
    private static int usedBits(Tensor stored, long block) {
        boolean bytes = stored.type() == ElementType.INT8 || stored.type() == ElementType.UINT8;
        if (!bytes || block > 0) {
            return stored.type().bits();
        }
        int middle = stored.type() == ElementType.INT8 ? 0 : 128;
        int farthest = stored.stretches().parallelStream()
                .mapToInt(stretch -> {
                    ByteBuffer slice = stretch.slice();
                    int most = 0;
                    for (int i = 0; i < stretch.size(); i++) {
                        int level = (middle == 0 ? slice.get(i) : slice.get(i) & 0xFF) - middle;
                        most = Math.max(most, level < 0 ? -level - 1 : level);
                    }
                    return most;
                })
                .max()
                .orElse(0);
        // All zeros tell nothing of their range.
        return farthest == 0 ? Byte.SIZE : Integer.SIZE - Integer.numberOfLeadingZeros(farthest) + 1;
    }
}
