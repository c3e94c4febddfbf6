package pomona.quantize;

import java.nio.ByteBuffer;
import java.util.List;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.FreshNames;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Tensor;

/** Puts weights and biases of integers into a network, with the DequantizeLinear operators that make floats of them. */
final class DequantizedConstants {

    /** A quantized bias stays below this, so that it and a layer's sum fit into 32 bits. */
    static final double LARGEST_BIAS = 1 << 30;

    private final NetworkBuilder builder;
    private final FreshNames names;
    private final List<Node> nodes;

    /** @param nodes where the operators go */
    DequantizedConstants(NetworkBuilder builder, FreshNames names, List<Node> nodes) {
        this.builder = builder;
        this.names = names;
        this.nodes = nodes;
    }

    /** Puts a constant into the network, and gives the name that it got. */
    String add(String wish, Tensor tensor) {
        String name = names.value(wish);
        builder.weight(name, tensor);
        return name;
    }

    /**
     * Makes floats of the integers of a weight.
     *
     * @param name what names are made of
     * @param integers the value that has them, symmetric about zero
     * @param type the type of the integers
     * @param steps what to multiply them with: one for each index along the axis, or one
     * @param axis the dimension of steps, or -1 when there is one
     * @param output the value to make
     */
    void weight(String name, String integers, ElementType type, float[] steps, int axis, String output) {
        String scale = scale(name, steps, axis >= 0);
        ByteBuffer zeros = ByteBuffer.allocate(Math.toIntExact(type.bytes(steps.length)));
        Tensor zero = axis >= 0 ? Tensor.of(type, zeros, steps.length) : Tensor.of(type, zeros);
        dequantize(name, List.of(integers, scale, add(name + ".zero", zero)), axis, output);
    }

    /**
     * Stores a bias as 32-bit integers, and gives the value of floats that is made of them.
     *
     * @param name what names are made of
     * @param steps what to multiply them with: one for each, or one
     * @param vector whether the steps are a vector, though it may have one element
     */
    String bias(String name, int[] integers, float[] steps, boolean vector) {
        String stored = add(name + ".int32", Tensor.ofInts(integers, integers.length));
        String scale = scale(name, steps, vector);
        String output = names.value(name + ".dequantized");
        dequantize(name, List.of(stored, scale), vector ? 0 : -1, output);
        return output;
    }

    private String scale(String name, float[] steps, boolean vector) {
        return add(name + ".scale", vector ? Tensor.ofFloats(steps, steps.length) : Tensor.scalar(steps[0]));
    }

    private void dequantize(String name, List<String> inputs, int axis, String output) {
        Node node = Node.of("DequantizeLinear", names.node(name + ".dequantize"), inputs, output);
        nodes.add(axis < 0 ? node : node.with("axis", Attribute.of(axis)));
    }
}
