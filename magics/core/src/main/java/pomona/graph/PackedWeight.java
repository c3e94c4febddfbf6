package pomona.graph;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The weight of an n-bit product of ONNX Runtime (MatMulNBits), several elements to a byte, each row filled up to a whole
 * number of blocks.
 *
 * @param codes the bytes: rows, blocks of a row, bytes of a block
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
        for (Node node : network.nodes()) {
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
