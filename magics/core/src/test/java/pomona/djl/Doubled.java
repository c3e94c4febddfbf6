package pomona.djl;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.Graph;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.graph.Value;

/** The same network in double precision, in which a finite difference has twelve digits. */
final class Doubled {

    private Doubled() {}

    static Network of(Network network) {
        NetworkBuilder builder = Network.builder(network.name()).opset("", network.opset());
        Graph graph = of(network.graph());
        graph.inputs().forEach(builder::input);
        graph.weights().forEach(builder::weight);
        graph.nodes().forEach(builder::node);
        graph.outputs().forEach(builder::output);
        return builder.build();
    }

    static Tensor of(Tensor tensor) {
        if (tensor.type() != ElementType.FLOAT && tensor.type() != ElementType.FLOAT16) {
            return tensor;
        }
        float[] values = tensor.toFloatArray();
        double[] doubles = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            doubles[i] = values[i];
        }
        return of(doubles, tensor.shape());
    }

    static Tensor of(double[] values, long... shape) {
        java.nio.ByteBuffer bytes =
                java.nio.ByteBuffer.allocate(8 * values.length).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        bytes.asDoubleBuffer().put(values);
        return Tensor.of(ElementType.DOUBLE, bytes, shape);
    }

    static boolean isFloat(ElementType type) {
        return type == ElementType.FLOAT || type == ElementType.FLOAT16 || type == ElementType.DOUBLE;
    }

    private static Graph of(Graph graph) {
        Map<String, Tensor> weights = new LinkedHashMap<>();
        graph.weights().forEach((name, tensor) -> weights.put(name, of(tensor)));
        List<Node> nodes = new ArrayList<>();
        for (Node node : graph.nodes()) {
            Node changed = node;
            for (Map.Entry<String, Attribute> entry : node.attributes().entrySet()) {
                changed = changed.with(entry.getKey(), of(entry.getKey(), entry.getValue()));
            }
            nodes.add(changed);
        }
        return new Graph(
                graph.name(),
                graph.inputs().stream().map(Doubled::of).toList(),
                graph.outputs().stream().map(Doubled::of).toList(),
                nodes,
                weights,
                List.of(),
                graph.extra());
    }

    private static Attribute of(String name, Attribute attribute) {
        if (attribute instanceof Attribute.Constant constant) {
            return Attribute.of(of(constant.value()));
        } else if (attribute instanceof Attribute.Subgraph subgraph) {
            return new Attribute.Subgraph(of(subgraph.value()));
        } else if (name.equals("softmax_precision")) {
            return Attribute.of(ElementType.DOUBLE.code());
        } else if (attribute instanceof Attribute.Int type && (name.equals("to") || name.equals("dtype"))) {
            return isFloat(ElementType.ofCode((int) type.value()))
                    ? Attribute.of(ElementType.DOUBLE.code())
                    : attribute;
        }
        return attribute;
    }

    private static Value of(Value value) {
        return isFloat(value.type())
                ? new Value(value.name(), ElementType.DOUBLE, value.shape(), value.opaque())
                : value;
    }
}
