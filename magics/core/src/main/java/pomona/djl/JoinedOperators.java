package pomona.djl;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import pomona.graph.Network;
import pomona.graph.Node;

/** Says which operator of a network an event of ONNX Runtime's profiler is about, after ONNX Runtime joined operators. */
final class JoinedOperators {

    /** What operators of networks are named for the profiler: their number, which stays where operators are joined. */
    private static final Pattern NUMBERED = Pattern.compile("\\bn(\\d+)_.*_kernel_time");

    /** What ONNX Runtime names convolutions and pooling in its own layout of memory: after the last value they give. */
    private static final Pattern LAID_OUT = Pattern.compile("(.*)_nchwc(_.*)?_kernel_time");

    /** What a convolution takes into itself. */
    private static final Set<String> TAKEN =
            Set.of("BatchNormalization", "Mul", "Add", "Relu", "Clip", "LeakyRelu", "Sigmoid", "Tanh", "HardSigmoid");

    private final Network network;
    private final Map<String, Integer> makers = new HashMap<>();

    JoinedOperators(Network network) {
        this.network = network;
        for (int i = 0; i < network.nodes().size(); i++) {
            for (String output : network.nodes().get(i).outputs()) {
                makers.put(output, i);
            }
        }
    }

    /** The same network with operators named after their number. */
    Network numbered() {
        List<Node> nodes = new ArrayList<>();
        for (Node node : network.nodes()) {
            nodes.add(node.named("n" + nodes.size() + "_"));
        }
        return network.toBuilder().nodes(nodes).build();
    }

    /** The number of the operator that an event is about, the main one of those that were joined; -1 when there is none. */
    int number(JsonNode event) {
        String name = event.path("name").asText();
        Matcher numbered = NUMBERED.matcher(name);
        if (numbered.find()) {
            return Integer.parseInt(numbered.group(1));
        }
        Matcher laidOut = LAID_OUT.matcher(name);
        return laidOut.matches()
                ? main(laidOut.group(1), event.path("args").path("op_name").asText())
                : -1;
    }

    /** The last operator of a kind that leads to a value, by way of what it can take into itself. */
    private int main(String value, String op) {
        Integer number = makers.get(value);
        if (number == null) {
            return -1;
        }
        Node node = network.nodes().get(number);
        if (node.op().equals(op)) {
            return number;
        }
        return TAKEN.contains(node.op())
                ? node.inputs().stream()
                        .mapToInt(input -> main(input, op))
                        .max()
                        .orElse(-1)
                : -1;
    }
}
