package pomona.graph;

import java.util.List;

/** The name by which people know a layer: its place in the program that the network was exported from. */
public final class LayerName {

    private LayerName() {}

    /**
     * The name of a layer of one operator with a weight: {@code encoder.layer.0.attention.self.query} for an operator {@code
     * /encoder/layer.0/attention/self/query/MatMul}. Of an operator without a name, and of one that was only numbered by the
     * exporter, it is the weight's name without {@code .weight}.
     *
     * @param weight the weight's name
     */
    public static String of(Node node, String weight) {
        if (node.name().isEmpty()) {
            return weight.replaceFirst("\\.weight$", "");
        }
        if (isNumbered(node) && weight.contains(".")) {
            return weight.substring(0, weight.lastIndexOf('.'));
        }
        return node.name().contains("/") ? String.join(".", place(node)) : node.name();
    }

    /** Whether the exporter that goes by torch.export gave the name, from which the module can not be told. */
    public static boolean isNumbered(Node node) {
        return node.name().startsWith("node_");
    }

    /** A path with dots between its parts. */
    public static String dotted(String path) {
        return (path.startsWith("/") ? path.substring(1) : path).replace('/', '.');
    }

    /** The parts of an operator's path, but for the last one when that only says which operator it is. */
    private static List<String> place(Node node) {
        List<String> parts = List.of(dotted(node.name()).split("\\."));
        boolean ownName = parts.get(parts.size() - 1).startsWith(node.op());
        return ownName && parts.size() > 1 ? parts.subList(0, parts.size() - 1) : parts;
    }
}
