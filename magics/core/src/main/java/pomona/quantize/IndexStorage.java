package pomona.quantize;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.FreshNames;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Tensor;

/**
 * Stores weights as indices and a codebook, with the operators that make the floats again; ONNX Runtime does that once,
 * when it loads the network. The codebook is a weight that training sees: its gradient is the sum over all elements that
 * share a value.
 */
final class IndexStorage {

    /** A gap byte that is a part of the next gap and no place of its own. */
    private static final int STEP = 255;

    private final NetworkBuilder builder;
    private final FreshNames names;
    private final List<Node> nodes = new ArrayList<>();
    private final SharedConstants shared;

    IndexStorage(NetworkBuilder builder, FreshNames names) {
        this.builder = builder;
        this.names = names;
        this.shared = new SharedConstants(builder, names);
    }

    /** The operators that make the stored weights, followed by others. */
    List<Node> before(List<Node> others) {
        List<Node> all = new ArrayList<>(nodes);
        all.addAll(others);
        return all;
    }

    /** Puts a weight into the network, under its own name. */
    void store(IndexedWeight weight, IndexLayout layout) {
        builder.removeWeight(weight.name());
        if (layout == IndexLayout.GAPS && weight.nonZeros() > 0) {
            gaps(weight);
        } else {
            dense(weight, layout == IndexLayout.PACKED, weight.name());
        }
    }

    /** The name of a line of vectors: that of the only one, or a name that nothing has yet. */
    String lineOf(Map<String, Tensor> vectors) {
        return vectors.size() == 1 ? vectors.keySet().iterator().next() : names.value("biases");
    }

    /**
     * Puts vectors into the network that are stored in one line, each under its own name.
     *
     * @param line all of them, one after the other, under the name that {@link #lineOf} gave
     */
    void storeLine(IndexedWeight line, IndexLayout layout, Map<String, Tensor> vectors) {
        vectors.keySet().forEach(builder::removeWeight);
        store(line, layout);
        if (vectors.size() > 1) {
            long[] sizes = vectors.values().stream().mapToLong(Tensor::size).toArray();
            String lengths = constant(line, "sizes", Tensor.ofLongs(sizes, sizes.length));
            String[] outputs = vectors.keySet().toArray(String[]::new);
            nodes.add(Node.of("Split", names.node(line.name()), List.of(line.name(), lengths), outputs));
        }
    }

    /** Puts a packed weight into the network, of which each output along an axis has a factor of its own. */
    void storeScaled(IndexedWeight weight, float[] factors, int axis) {
        builder.removeWeight(weight.name());
        long[] along = new long[weight.shape().length];
        Arrays.fill(along, 1);
        along[axis] = factors.length;
        String scales = constant(weight, "scales", Tensor.ofFloats(factors, along));
        String plain = names.value(weight.name() + ".signs");
        dense(weight, true, plain);
        make("Mul", List.of(plain, scales), weight.name());
    }

    /** Zero comes before the codebook and is no part of it, so that training leaves it alone. */
    private void dense(IndexedWeight weight, boolean packed, String output) {
        int base = weight.codebook().length + (weight.zero() ? 1 : 0);
        String codebook = codebook(weight);
        if (weight.zero()) {
            codebook = add("Pad", weight, "values", List.of(codebook, shared.longs("one.before", 1, 0)));
        }
        String indices = indices(weight, weight.indices(), weight.shape(), packed ? base : Integer.MAX_VALUE);
        make("Gather", List.of(codebook, indices), output);
    }

    /** Zeros need no index here, and a gap that a byte can not tell is several bytes. */
    private void gaps(IndexedWeight weight) {
        ByteArrayOutputStream gaps = new ByteArrayOutputStream();
        byte[] indices = new byte[weight.nonZeros()];
        int count = 0;
        int last = 0;
        int steps = 0;
        for (int at = 0; count < indices.length; at++) {
            if (at - last == STEP) {
                gaps.write(STEP);
                last = at;
                steps++;
            }
            if (weight.indices()[at] != 0) {
                gaps.write(at - last);
                indices[count++] = (byte) (weight.indices()[at] - 1);
                last = at;
            }
        }
        String places = places(weight, gaps.toByteArray(), steps > 0);
        long[] line = {indices.length};
        String values = add(
                "Gather",
                weight,
                "values",
                List.of(codebook(weight), indices(weight, indices, line, weight.codebook().length)));
        String size = constant(weight, "size", Tensor.ofLongs(new long[] {weight.indices().length}, 1));
        String zeros = add("ConstantOfShape", weight, "zeros", List.of(size));
        String flat = add("ScatterElements", weight, "scattered", List.of(zeros, places, values));
        make("Reshape", List.of(flat, shape(weight, weight.shape())), weight.name());
    }

    private String places(IndexedWeight weight, byte[] gaps, boolean steps) {
        String stored = constant(weight, "gaps", Tensor.ofBytes(ElementType.UINT8, gaps, gaps.length));
        String wide = cast(weight, "distances", stored);
        String places = add("CumSum", weight, "places", List.of(wide, shared.scalar("axis", 0)));
        if (!steps) {
            return places;
        }
        String isPlace = add("Less", weight, "is.place", List.of(wide, shared.ints("step", STEP)));
        String kept = names.value(weight.name() + ".kept");
        nodes.add(Node.of("Compress", names.node(kept), List.of(places, isPlace), kept));
        return kept;
    }

    /**
     * Stores indices in a shape, and gives the value that has them as integers that an operator can look up.
     *
     * @param base how many different indices there are: as many of them as have room make one byte, the first one being
     *     its remainder
     */
    private String indices(IndexedWeight weight, byte[] indices, long[] shape, int base) {
        int each = 1;
        for (long most = (long) base * base; most <= 256 && each < 8; most *= base) {
            each++;
        }
        if (each == 1) {
            return cast(
                    weight, "places", constant(weight, "indices", Tensor.ofBytes(ElementType.UINT8, indices, shape)));
        }
        byte[] packed = new byte[(indices.length + each - 1) / each];
        int[] factors = new int[each];
        for (int digit = 0, factor = 1; digit < each; digit++, factor *= base) {
            factors[digit] = factor;
            for (int i = digit; i < indices.length; i += each) {
                packed[i / each] += (byte) (indices[i] * factor);
            }
        }
        Tensor column = Tensor.ofBytes(ElementType.UINT8, packed, packed.length, 1);
        String value = cast(weight, "wide", constant(weight, "packed", column));
        value = add("Div", weight, "shifted", List.of(value, shared.ints("powers.of." + base, factors)));
        value = add("Mod", weight, "digits", List.of(value, shared.ints("base." + base, base)));
        if (packed.length * each > indices.length) {
            value = add("Reshape", weight, "all", List.of(value, shared.longs("flat", -1)));
            String end = constant(weight, "count", Tensor.ofLongs(new long[] {indices.length}, 1));
            value = add("Slice", weight, "cut", List.of(value, shared.longs("start", 0), end));
            return shape.length == 1 ? value : add("Reshape", weight, "indices", List.of(value, shape(weight, shape)));
        }
        String wanted = shape.length == 1 ? shared.longs("flat", -1) : shape(weight, shape);
        return add("Reshape", weight, "indices", List.of(value, wanted));
    }

    private String codebook(IndexedWeight weight) {
        return constant(weight, "codebook", Tensor.ofFloats(weight.codebook(), weight.codebook().length));
    }

    private String shape(IndexedWeight weight, long[] shape) {
        return constant(weight, "shape", Tensor.ofLongs(shape, shape.length));
    }

    private String constant(IndexedWeight weight, String what, Tensor tensor) {
        String name = names.value(weight.name() + "." + what);
        builder.weight(name, tensor);
        return name;
    }

    private String cast(IndexedWeight weight, String what, String bytes) {
        String output = names.value(weight.name() + "." + what);
        nodes.add(Node.of("Cast", names.node(output), List.of(bytes), output)
                .with("to", Attribute.of(ElementType.INT32.code())));
        return output;
    }

    private String add(String op, IndexedWeight weight, String what, List<String> inputs) {
        return make(op, inputs, names.value(weight.name() + "." + what));
    }

    private String make(String op, List<String> inputs, String output) {
        nodes.add(Node.of(op, names.node(output), inputs, output));
        return output;
    }
}
