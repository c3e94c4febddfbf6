package pomona.quantize;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import pomona.graph.Attribute;
import pomona.graph.FreshNames;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.simplify.DeadNodeElimination;

/** Puts weights that were quantized in blocks into a network, and the operators that compute with them. */
final class BlockRewriter {

    private static final String RUNTIME = "com.microsoft";

    /** The name of a weight's integers, scales and zero points; the last is empty when there are none. */
    private record Stored(BlockStore store, String values, String scales, String zeros) {

        List<String> all() {
            return zeros.isEmpty() ? List.of(values, scales) : List.of(values, scales, zeros);
        }
    }

    private final Network network;
    private final BlockTargets targets;
    private final NetworkBuilder builder;
    private final FreshNames names;
    private final Map<String, Stored> factors = new LinkedHashMap<>();
    private final Map<String, Stored> tables = new LinkedHashMap<>();
    private final List<Node> nodes = new ArrayList<>();

    BlockRewriter(Network network, BlockTargets targets) {
        this.network = network;
        this.targets = targets;
        this.builder = network.toBuilder();
        this.names = new FreshNames(network);
    }

    Network rewrite(List<BlockStore> stores) {
        stores.forEach(this::take);
        for (Node node : network.nodes()) {
            Stored factor = node.is("MatMul") || node.is("Gemm") ? factors.get(node.input(1)) : null;
            Stored table = node.is("Gather") ? tables.get(node.input(0)) : null;
            boolean turned = (node.is("Identity") || node.is("Transpose")) && factors.containsKey(node.input(0));
            if (turned) {
                // The products behind it take the packed weight.
                continue;
            }
            if (factor != null) {
                multiply(node, factor);
            } else if (table != null) {
                lookUp(node, table);
            } else {
                nodes.add(node);
            }
        }
        if (nodes.stream().anyMatch(node -> node.domain().equals(RUNTIME))) {
            builder.opset(RUNTIME, 1);
        }
        return new DeadNodeElimination().transform(builder.nodes(nodes).build());
    }

    private void take(BlockStore store) {
        String name = store.weight().name();
        String kind = store.values().type().name().toLowerCase(java.util.Locale.ROOT);
        Tensor zeros = store.zeros();
        Stored stored = new Stored(
                store,
                names.value(
                        name + "." + (store.packed() ? "int" + store.format().bits() : kind)),
                names.value(name + ".scale"),
                zeros == null ? "" : names.value(name + ".zero"));
        builder.removeWeight(name).weight(stored.values(), store.values()).weight(stored.scales(), store.scales());
        if (zeros != null) {
            builder.weight(stored.zeros(), zeros);
        }
        if (store.packed()) {
            targets.names(name).forEach(alias -> factors.put(alias, stored));
        } else if (targets.isTable(store.weight()) && isLookedUp(store.format())) {
            tables.put(name, stored);
        } else {
            Node node = Node.of("DequantizeLinear", names.node(name + ".dequantize"), stored.all(), name)
                    .with("axis", Attribute.of(1 - store.weight().outputAxis()))
                    .with("block_size", Attribute.of(store.format().block()));
            nodes.add(node);
        }
    }

    /** Whether rows are looked up as integers; Gather has no 4-bit integers. */
    private static boolean isLookedUp(BlockFormat format) {
        return format.bits() == 8 || format.form() == WeightForm.KERNEL;
    }

    private void multiply(Node node, Stored weight) {
        boolean gemm = node.is("Gemm");
        String input = node.input(0);
        if (gemm && node.integer("transA", 0) != 0) {
            input = names.value(node.input(0) + ".transposed");
            nodes.add(Node.of("Transpose", names.node(input), List.of(node.input(0)), input)
                    .with("perm", Attribute.ofInts(1, 0)));
        }
        float alpha = gemm ? node.real("alpha", 1) : 1;
        boolean biased = gemm && node.hasInput(2) && node.real("beta", 1) != 0;
        String product = alpha != 1 || biased ? names.value(node.output() + ".product") : node.output();
        List<String> inputs = new ArrayList<>(List.of(input));
        inputs.addAll(weight.all());
        WeightMatrix matrix = weight.store().matrix();
        BlockFormat format = weight.store().format();
        nodes.add(Node.of("MatMulNBits", node.name(), inputs, product)
                .inDomain(RUNTIME)
                .with("K", Attribute.of(matrix.columns()))
                .with("N", Attribute.of(matrix.rows()))
                .with("bits", Attribute.of(format.bits()))
                .with("block_size", Attribute.of(format.block()))
                .with("accuracy_level", Attribute.of(format.multipliesIntegers() ? 4 : 1)));
        if (alpha != 1) {
            product = scaled(product, alpha, biased ? names.value(node.output() + ".scaled") : node.output());
        }
        if (biased) {
            float beta = node.real("beta", 1);
            String bias = node.input(2);
            if (beta != 1) {
                bias = scaled(bias, beta, names.value(bias + ".scaled"));
            }
            nodes.add(Node.of("Add", names.node(node.output() + ".bias"), List.of(product, bias), node.output()));
        }
    }

    private String scaled(String value, float factor, String output) {
        String constant = names.value(output + ".factor");
        builder.weight(constant, Tensor.scalar(factor));
        nodes.add(Node.of("Mul", names.node(output + ".scale"), List.of(value, constant), output));
        return output;
    }

    private void lookUp(Node node, Stored table) {
        BlockFormat format = table.store().format();
        if (format.bits() == 4) {
            List<String> inputs = new ArrayList<>(List.of(table.values(), node.input(1), table.scales()));
            if (!table.zeros().isEmpty()) {
                inputs.add(table.zeros());
            }
            nodes.add(Node.of("GatherBlockQuantized", node.name(), inputs, node.output())
                    .inDomain(RUNTIME)
                    .with("gather_axis", Attribute.of(0))
                    .with("quantize_axis", Attribute.of(1))
                    .with("block_size", Attribute.of(format.block())));
            return;
        }
        List<String> gathered = new ArrayList<>();
        for (String part : table.all()) {
            String name = names.value(node.output() + "." + part);
            nodes.add(Node.of("Gather", names.node(name), List.of(part, node.input(1)), name));
            gathered.add(name);
        }
        nodes.add(Node.of("DequantizeLinear", names.node(node.name() + ".dequantize"), gathered, node.output())
                .with("axis", Attribute.of(-1))
                .with("block_size", Attribute.of(format.block())));
    }
}
