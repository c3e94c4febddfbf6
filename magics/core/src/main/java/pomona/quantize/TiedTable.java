package pomona.quantize;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pomona.graph.Node;

/**
 * A table of embeddings that products multiply with too, as those do that give a score to each word: one copy in bytes
 * serves them all, with a scale along the outputs of the products.
 *
 * @param name the name of the table
 * @param axis the dimension of the table that has a scale for each index; of a product the one that counts its outputs
 */
record TiedTable(String name, int axis) {

    /**
     * The operators that can share a copy, by identity. Products along another dimension than the first one are not among
     * them when each output has its scale.
     *
     * @param chosen the operators to quantize
     */
    static Map<Node, TiedTable> of(WeightReaders readers, Set<Node> chosen, boolean perChannel) {
        Map<Node, TiedTable> tied = new IdentityHashMap<>();
        for (Node gather : chosen) {
            WeightReaders.Use table = gather.is("Gather") ? readers.use(gather, 0) : null;
            if (table != null && !table.transposed()) {
                tie(gather, table.weight(), readers, chosen, perChannel, tied);
            }
        }
        return tied;
    }

    private static void tie(
            Node gather,
            WeightReaders.Stored table,
            WeightReaders readers,
            Set<Node> chosen,
            boolean perChannel,
            Map<Node, TiedTable> tied) {
        List<Node> products = readers.of(table).stream()
                .filter(reader -> reader.place() == 1 && chosen.contains(reader.node()))
                .map(WeightReaders.Reader::node)
                .filter(node -> node.is("Gemm") || node.is("MatMul"))
                .toList();
        for (Node product : products) {
            TiedTable own = new TiedTable(table.name(), axis(product, readers));
            TiedTable first = tied.computeIfAbsent(gather, node -> own);
            if (!perChannel || first.equals(own)) {
                tied.put(product, own);
            }
        }
    }

    /** The dimension of the table, as it is stored, that counts the outputs of a product. */
    private static int axis(Node product, WeightReaders readers) {
        boolean transposed = product.is("Gemm") && product.integer("transB", 0) != 0;
        return transposed ^ readers.use(product, 1).transposed() ? 0 : 1;
    }

    /** Whether each row of the table is what a product multiplies with for one output. */
    boolean byRows() {
        return axis == 0;
    }
}
