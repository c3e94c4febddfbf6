package pomona.quantize;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import pomona.graph.Attribute;
import pomona.graph.Node;
import pomona.graph.Tensor;

/**
 * Writes products, convolutions and tables with quantized weights.
 *
 * @param weights quantizes the weights
 * @param ranges quantizes what the layers take
 */
record DynamicProducts(DynamicWeights weights, RangeWriter ranges) {

    /**
     * Gemm in every form, and MatMul, as MatMulInteger.
     *
     * @param tied the table that is its weight, or null
     */
    void multiply(Node node, TiedTable tied, GraphDraft draft) {
        boolean gemm = node.is("Gemm");
        String value = gemm && node.integer("transA", 0) != 0 ? transposed(node.input(0), draft) : node.input(0);
        QuantizedInput input = ranges.quantize(value, new long[] {-1}, draft);
        float alpha = gemm ? node.real("alpha", 1) : 1;
        DynamicWeights.Weight weight = tied == null
                ? weights.matrix(node, gemm && node.integer("transB", 0) != 0, alpha, draft)
                : factor(node, tied, alpha, draft);
        String base = node.output();
        List<String> taken = new ArrayList<>(List.of(input.bytes(), weight.bytes(), input.zero()));
        if (!weight.zero().isEmpty()) {
            taken.add(weight.zero());
        }
        String sum = draft.value(base + ".int32");
        draft.add(Node.of("MatMulInteger", node.name(), taken, sum));
        boolean biased = node.hasInput(2);
        String scaled = biased ? draft.value(base + ".scaled") : base;
        ranges.rescale(sum, input, weight.scale(), scaled, base, draft);
        if (biased) {
            draft.add(Node.of("Add", draft.node(base + ".bias"), List.of(scaled, bias(node, draft)), base));
        }
    }

    private static String transposed(String matrix, GraphDraft draft) {
        String output = draft.value(matrix + ".transposed");
        draft.add(Node.of("Transpose", draft.node(output), List.of(matrix), output)
                .with("perm", Attribute.ofInts(1, 0)));
        return output;
    }

    /** A table as the second factor of a product; the runtime turns it when it loads the network. */
    private DynamicWeights.Weight factor(Node node, TiedTable tied, float alpha, GraphDraft draft) {
        DynamicWeights.Weight table = weights.table(node, 1, tied, draft);
        String bytes = !tied.byRows()
                ? table.bytes()
                : draft.once(
                        List.of("transposed", table.bytes()), String.class, () -> transposed(table.bytes(), draft));
        String scale = alpha == 1
                ? table.scale()
                : draft.add(
                        "Mul",
                        node.output() + ".alpha",
                        table.scale(),
                        draft.weight(node.output() + ".factor", Tensor.scalar(alpha)));
        return new DynamicWeights.Weight(bytes, scale, table.zero());
    }

    /** The bias of a Gemm as it is, or multiplied with beta. */
    private static String bias(Node node, GraphDraft draft) {
        float beta = node.real("beta", 1);
        if (beta == 1) {
            return node.input(2);
        }
        String factor = draft.weight(node.output() + ".beta", Tensor.scalar(beta));
        return draft.add("Mul", node.output() + ".bias", node.input(2), factor);
    }

    /** Conv as ConvInteger; a bias is added behind it. */
    void convolve(Node node, GraphDraft draft) {
        int rank = draft.constant(node.input(1)).rank();
        long[] all = LongStream.range(1, rank).toArray();
        QuantizedInput input = ranges.quantize(node.input(0), all, draft);
        DynamicWeights.Weight weight = weights.kernel(node, draft);
        String base = node.output();
        String sum = draft.value(base + ".int32");
        List<String> taken = List.of(input.bytes(), weight.bytes(), input.zero(), weight.zero());
        draft.add(new Node(node.name(), "", "ConvInteger", taken, List.of(sum), node.attributes(), node.extra()));
        boolean biased = node.hasInput(2);
        String scaled = biased ? draft.value(base + ".scaled") : base;
        ranges.rescale(sum, input, weight.scale(), scaled, base, draft);
        if (biased) {
            long[] shape = new long[rank - 1];
            Arrays.fill(shape, 1);
            shape[0] = -1;
            String form = draft.weight(base + ".form", Tensor.ofLongs(shape, shape.length));
            String bias = draft.add("Reshape", base + ".bias", node.input(2), form);
            draft.add(Node.of("Add", draft.node(base + ".biased"), List.of(scaled, bias), base));
        }
    }

    /**
     * Gather of a table of bytes, whose rows are floats again when they were picked.
     *
     * @param tied the table when products take it too, or null
     */
    void pick(Node node, TiedTable tied, GraphDraft draft) {
        DynamicWeights.Weight table = tied == null ? weights.table(node, draft) : weights.table(node, 0, tied, draft);
        String base = node.output();
        String rows = draft.value(base + ".int8");
        draft.add(node.withInputs(List.of(table.bytes(), node.input(1))).withOutputs(List.of(rows)));
        String floats = BatchRange.toFloat(rows, base, draft);
        if (!table.zero().isEmpty()) {
            String middle = draft.weight(base + ".middle", Tensor.scalar((float) (StoredBytes.MIDDLE & 0xFF)));
            floats = draft.add("Sub", base + ".signed", floats, middle);
        }
        boolean byRows = tied != null && tied.byRows() && weights.perChannel();
        String scale = byRows ? scales(table.scale(), node, draft) : table.scale();
        draft.add(Node.of("Mul", draft.node(base + ".rescale"), List.of(floats, scale), base));
    }

    /** The scales of the rows that a Gather picks. */
    private static String scales(String all, Node gather, GraphDraft draft) {
        String column = draft.once(List.of("column", all), String.class, () -> {
            String form = draft.weight(all + ".form", Tensor.ofLongs(new long[] {-1, 1}, 2));
            return draft.add("Reshape", all + ".column", all, form);
        });
        String scale = draft.value(gather.output() + ".scale");
        draft.add(Node.of("Gather", draft.node(scale), List.of(column, gather.input(1)), scale));
        return scale;
    }
}
