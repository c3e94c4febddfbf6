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

    /** Gemm in every form, and MatMul, as MatMulInteger. */
    void multiply(Node node, GraphDraft draft) {
        boolean gemm = node.is("Gemm");
        String value = gemm && node.integer("transA", 0) != 0 ? transposed(node, draft) : node.input(0);
        QuantizedInput input = ranges.quantize(value, new long[] {-1}, draft);
        DynamicWeights.Weight weight =
                weights.matrix(node, gemm && node.integer("transB", 0) != 0, gemm ? node.real("alpha", 1) : 1, draft);
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

    private static String transposed(Node node, GraphDraft draft) {
        String output = draft.value(node.input(0) + ".transposed");
        draft.add(Node.of("Transpose", draft.node(output), List.of(node.input(0)), output)
                .with("perm", Attribute.ofInts(1, 0)));
        return output;
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

    /** Gather of a table of bytes, whose rows are floats again when they were picked. */
    void pick(Node node, GraphDraft draft) {
        DynamicWeights.Weight table = weights.table(node, draft);
        String base = node.output();
        String rows = draft.value(base + ".int8");
        draft.add(node.withInputs(List.of(table.bytes(), node.input(1))).withOutputs(List.of(rows)));
        String floats = BatchRange.toFloat(rows, base, draft);
        draft.add(Node.of("Mul", draft.node(base + ".rescale"), List.of(floats, table.scale()), base));
    }
}
