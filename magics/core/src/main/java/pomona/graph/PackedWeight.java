package pomona.graph;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A weight with several elements to a byte: that of an n-bit product of ONNX Runtime (MatMulNBits), each row filled up to
 * a whole number of blocks, or one whose bytes are looked up in a table of the signed integers that are in a byte, all of
 * it one row and one block.
 *
 * @param codes the bytes: rows, blocks of a row, bytes of a block; or all in a line
 * @param zeros the code that stands for zero in each block, packed too; null when it is the middle one
 * @param rows output features
 * @param columns input features
 * @param bits the bits of an element, a part of 8
 * @param block the elements of a block
 */
public record PackedWeight(Tensor codes, Tensor zeros, long rows, long columns, int bits, long block) {

    /** The packed weights of a network by name. */
    public static Map<String, PackedWeight> of(Network network) {
        Map<String, PackedWeight> packed = new LinkedHashMap<>();
        Map<String, Node> producers = network.graph().producers();
        for (Node node : network.nodes()) {
            Node lookUp = lookUp(node, network, producers);
            if (lookUp != null) {
                String codes = producers.get(lookUp.input(1)).input(0);
                int bits = Byte.SIZE / (int) network.weight(lookUp.input(0)).dim(1);
                long size = 1;
                for (long dim :
                        network.weight(producers.get(node.input(0)).input(1)).toLongArray()) {
                    size *= dim;
                }
                packed.put(codes, new PackedWeight(network.weight(codes), null, 1, size, bits, size));
            }
            Tensor codes = network.weights().get(node.input(1));
            int bits = (int) node.integer("bits", 4);
            if (node.op().equals("MatMulNBits")
                    && codes != null
                    && codes.type() == ElementType.UINT8
                    && 8 % bits == 0) {
                packed.put(
                        node.input(1),
                        new PackedWeight(
                                codes,
                                network.weights().get(node.input(3)),
                                node.integer("N", 0),
                                node.integer("K", 0),
                                bits,
                                node.integer("block_size", 32)));
            }
        }
        return packed;
    }

    /**
     * The operator that looks bytes up in a table of the integers in them, behind an operator that makes floats of the
     * integers; null when there is none.
     */
    static Node lookUp(Node dequantize, Network network, Map<String, Node> producers) {
        Node shaped = dequantize.is("DequantizeLinear") ? producers.get(dequantize.input(0)) : null;
        if (shaped == null || !shaped.is("Reshape") || !network.weights().containsKey(shaped.input(1))) {
            return null;
        }
        Node lookUp = producers.get(shaped.input(0));
        while (lookUp != null && (lookUp.is("Slice") || lookUp.is("Reshape"))) {
            lookUp = producers.get(lookUp.input(0));
        }
        if (lookUp == null || !lookUp.is("Gather")) {
            return null;
        }
        Tensor table = network.weights().get(lookUp.input(0));
        Node cast = producers.get(lookUp.input(1));
        Tensor codes = cast == null ? null : network.weights().get(cast.input(0));
        boolean known = table != null
                && table.type() == ElementType.INT8
                && table.rank() == 2
                && table.dim(0) == 256
                && codes != null
                && codes.type() == ElementType.UINT8;
        return known ? lookUp : null;
    }

    /** The type that elements have as they are stored. */
    public ElementType type() {
        return bits == 4 ? ElementType.UINT4 : bits == 2 ? ElementType.UINT2 : ElementType.UINT8;
    }

    /** The number of elements, those that only fill up a block excluded. */
    public long size() {
        return rows * columns;
    }

    /** The number of elements that do not stand for zero. */
    public long nonZeros() {
        long blocks = (columns + block - 1) / block;
        boolean known = zeros == null || zeros.type() == ElementType.UINT8;
        long zeroBytes = (blocks * bits + 7) / 8;
        long count = 0;
        for (long row = 0; row < rows; row++) {
            for (long b = 0; b < blocks; b++) {
                long place = zeroBytes * row * 8 / bits + b;
                int zero = zeros == null || !known ? 1 << bits - 1 : code(zeros, place);
                long from = (row * blocks + b) * block;
                count += nonZeros(from, from + Math.min(block, columns - b * block), zero);
            }
        }
        return count;
    }

    private long nonZeros(long from, long to, int zero) {
        int perByte = 8 / bits;
        Stretch stretch = codes.stretch(from / perByte, (to + perByte - 1) / perByte);
        ByteBuffer bytes = stretch.slice();
        int count = 0;
        for (int i = 0; i < to - from; i++) {
            count += (bytes.get(i / perByte) >> i % perByte * bits & (1 << bits) - 1) != zero ? 1 : 0;
        }
        return count;
    }

    private int code(Tensor packed, long place) {
        int perByte = 8 / bits;
        int whole = packed.stretch(place / perByte, place / perByte + 1).slice().get(0);
        return whole >> (int) (place % perByte) * bits & (1 << bits) - 1;
    }
}
