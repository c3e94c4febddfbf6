package pomona.quantize;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.function.IntUnaryOperator;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.FreshNames;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Tensor;

/**
 * Stores integers of few bits, several in a byte, with the operators that make signed bytes of them: each byte is looked
 * up in a table of the integers that are in it.
 */
final class PackedIntegers {

    private final NetworkBuilder builder;
    private final FreshNames names;
    private final List<Node> nodes;
    private final SharedConstants shared;

    /** @param nodes where the operators go */
    PackedIntegers(NetworkBuilder builder, FreshNames names, List<Node> nodes) {
        this.builder = builder;
        this.names = names;
        this.nodes = nodes;
        this.shared = new SharedConstants(builder, names);
    }

    /** Integers of 2 or 4 bits as bytes, the first in the low bits of its byte; of each its lowest bits are stored. */
    static ByteBuffer pack(int bits, int count, IntUnaryOperator integers) {
        int each = Byte.SIZE / bits;
        byte[] bytes = new byte[(count + each - 1) / each];
        for (int i = 0; i < count; i++) {
            bytes[i / each] |= (byte) ((integers.applyAsInt(i) & (1 << bits) - 1) << i % each * bits);
        }
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Puts signed integers into the network, counted from the lowest one, and gives the value of bytes that has them.
     *
     * @param name what names are made of
     * @param bits the bits that the integers take, 2 to 4; 3 are stored in 4
     */
    String store(String name, byte[] integers, int bits, long[] shape) {
        int width = bits == 2 ? 2 : 4;
        int lowest = -(1 << width - 1);
        ByteBuffer bytes = pack(width, integers.length, i -> integers[i] - lowest);
        int room = bytes.remaining() * (Byte.SIZE / width);
        String stored = constant(name + ".packed", Tensor.of(ElementType.UINT8, bytes, bytes.remaining()));
        String places = names.value(name + ".places");
        nodes.add(Node.of("Cast", names.node(places), List.of(stored), places)
                .with("to", Attribute.of(ElementType.INT32.code())));
        String value = add("Gather", name + ".several", table(width), places);
        if (room > integers.length) {
            value = add("Reshape", name + ".all", value, shared.longs("flat", -1));
            String end = constant(name + ".count", Tensor.ofLongs(new long[] {integers.length}, 1));
            value = add("Slice", name + ".cut", value, shared.longs("start", 0), end);
        }
        return add("Reshape", name + ".int8", value, constant(name + ".shape", Tensor.ofLongs(shape, shape.length)));
    }

    /** For each byte a row of the integers in it. */
    private String table(int bits) {
        int each = Byte.SIZE / bits;
        byte[] table = new byte[256 * each];
        for (int i = 0; i < table.length; i++) {
            int code = i / each >> i % each * bits & (1 << bits) - 1;
            table[i] = (byte) (code - (1 << bits - 1));
        }
        return shared.bytes("integers.of." + bits + ".bits", table, 256, each);
    }

    private String constant(String wish, Tensor tensor) {
        String name = names.value(wish);
        builder.weight(name, tensor);
        return name;
    }

    private String add(String op, String wish, String... inputs) {
        String output = names.value(wish);
        nodes.add(Node.of(op, names.node(output), List.of(inputs), output));
        return output;
    }
}
