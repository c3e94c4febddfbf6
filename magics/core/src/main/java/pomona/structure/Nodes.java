package pomona.structure;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import pomona.graph.Attribute;
import pomona.graph.Node;

/** Changed copies of operators. */
final class Nodes {

    private Nodes() {}

    /** The operator with another input at a place; places before it that are missing are left out. */
    static Node withInput(Node node, int place, String value) {
        List<String> inputs = new ArrayList<>(node.inputs());
        while (inputs.size() <= place) {
            inputs.add("");
        }
        inputs.set(place, value);
        return node.withInputs(inputs);
    }

    /** The operator without an attribute. */
    static Node without(Node node, String attribute) {
        Map<String, Attribute> rest = new LinkedHashMap<>(node.attributes());
        rest.remove(attribute);
        return new Node(node.name(), node.domain(), node.op(), node.inputs(), node.outputs(), rest, node.extra());
    }
}
