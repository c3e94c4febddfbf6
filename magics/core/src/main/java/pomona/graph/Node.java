package pomona.graph;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * One operator of a graph, with ONNX semantics.
 *
 * @param name the node's name; may be empty, as in ONNX
 * @param domain the operator set's domain; empty for the standard operators
 * @param op the operator, such as {@code Conv}
 * @param inputs the names of the values it takes; an empty name is an optional input left out
 * @param outputs the names of the values it makes
 * @param attributes the attributes by name
 * @param extra fields of the file that this library does not model
 */
public record Node(
        String name,
        String domain,
        String op,
        List<String> inputs,
        List<String> outputs,
        Map<String, Attribute> attributes,
        Opaque extra) {

    public Node {
        Objects.requireNonNull(name, "name");
        domain = domain.equals("ai.onnx") ? "" : domain;
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        attributes = Collections.unmodifiableMap(new LinkedHashMap<>(attributes));
        Objects.requireNonNull(extra, "extra");
    }

    /** A standard operator without attributes; see {@link #with}. */
    public static Node of(String op, String name, List<String> inputs, String... outputs) {
        return new Node(name, "", op, inputs, Arrays.asList(outputs), Map.of(), Opaque.NONE);
    }

    /** The same node with one attribute set. */
    public Node with(String attribute, Attribute value) {
        Map<String, Attribute> changed = new LinkedHashMap<>(attributes);
        changed.put(attribute, value);
        return new Node(name, domain, op, inputs, outputs, changed, extra);
    }

    /** The same node with one attribute left out. */
    public Node without(String attribute) {
        Map<String, Attribute> changed = new LinkedHashMap<>(attributes);
        changed.remove(attribute);
        return new Node(name, domain, op, inputs, outputs, changed, extra);
    }

    /** The same node with other inputs. */
    public Node withInputs(List<String> newInputs) {
        return new Node(name, domain, op, newInputs, outputs, attributes, extra);
    }

    /** The same node with other outputs. */
    public Node withOutputs(List<String> newOutputs) {
        return new Node(name, domain, op, inputs, newOutputs, attributes, extra);
    }

    /** The same node in another domain. */
    public Node inDomain(String newDomain) {
        return new Node(name, newDomain, op, inputs, outputs, attributes, extra);
    }

    /** The same node under another name. */
    public Node named(String newName) {
        return new Node(newName, domain, op, inputs, outputs, attributes, extra);
    }

    /** Whether this is that operator of the standard domain. */
    public boolean is(String standardOp) {
        return domain.isEmpty() && op.equals(standardOp);
    }

    /** The name of the input at that place, or the empty string when it is left out. */
    public String input(int index) {
        return index < inputs.size() ? inputs.get(index) : "";
    }

    /** Whether the input at that place is given. */
    public boolean hasInput(int index) {
        return !input(index).isEmpty();
    }

    /** The values this node takes, those that its sub-graphs take from outside included. */
    public Set<String> takes() {
        return TopologicalOrder.needs(this);
    }

    /** The values that this node's sub-graphs take from outside. */
    public Set<String> capturedValues() {
        return TopologicalOrder.captures(this);
    }

    /** The first output. */
    public String output() {
        return outputs.get(0);
    }

    /** An integer attribute, or the default when it is not set. */
    public long integer(String attribute, long defaultValue) {
        return attributes.get(attribute) instanceof Attribute.Int a ? a.value() : defaultValue;
    }

    /** A float attribute, or the default when it is not set. */
    public float real(String attribute, float defaultValue) {
        return attributes.get(attribute) instanceof Attribute.Real a ? a.value() : defaultValue;
    }

    /** A text attribute, or the default when it is not set. */
    public String text(String attribute, String defaultValue) {
        return attributes.get(attribute) instanceof Attribute.Text a ? a.value() : defaultValue;
    }

    /** An attribute of integers, or the default when it is not set. */
    public long[] integers(String attribute, long... defaultValue) {
        return attributes.get(attribute) instanceof Attribute.Ints a
                ? a.values().stream().mapToLong(Long::longValue).toArray()
                : defaultValue;
    }

    /** What to call this node in a message: its name, or its operator and first output. */
    public String label() {
        return name.isEmpty() ? op + " -> " + (outputs.isEmpty() ? "" : outputs.get(0)) : name;
    }
}
