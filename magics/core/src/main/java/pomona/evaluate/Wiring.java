package pomona.evaluate;

import java.util.List;
import java.util.Map;
import java.util.Set;
import pomona.graph.Network;
import pomona.graph.Node;

/** What makes and what takes the values of a network, as far as patterns of operators ask for it. */
final class Wiring {

    private final Network network;
    private final Map<String, Node> producers;
    private final Map<String, List<Node>> consumers;

    Wiring(Network network) {
        this.network = network;
        this.producers = network.graph().producers();
        this.consumers = network.graph().consumers();
    }

    Network network() {
        return network;
    }

    /** The operator that makes a value, or null. */
    Node maker(String value) {
        return producers.get(value);
    }

    boolean isConstant(String value) {
        Node maker = maker(value);
        return network.weights().containsKey(value) || maker != null && maker.is("Constant");
    }

    /** The operators that take a value, but for those that ask for its shape. */
    List<Node> takers(Node node) {
        return consumers.getOrDefault(node.output(), List.of()).stream()
                .filter(taker -> !taker.is("Shape"))
                .toList();
    }

    /** The only operator that takes a value, or null. */
    Node onlyTaker(Node node) {
        List<Node> takers = takers(node);
        return takers.size() == 1 ? takers.get(0) : null;
    }

    /** Whether this is one of those standard operators. */
    static boolean isOne(Node node, String... ops) {
        return isOne(node, Set.of(ops));
    }

    static boolean isOne(Node node, Set<String> ops) {
        return node != null && node.domain().isEmpty() && ops.contains(node.op());
    }

    /** Whether this is one of those operators, of two inputs of which one is constant. */
    boolean withConstant(Node node, String... ops) {
        return isOne(node, ops) && (isConstant(node.input(0)) || isConstant(node.input(1)));
    }

    /** The input that is not constant, of an operator of two inputs. */
    String varying(Node node) {
        return isConstant(node.input(0)) ? node.input(1) : node.input(0);
    }
}
