package pomona.torchscript;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pomona.graph.Attribute;
import pomona.graph.Dimension;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.ShapeInference;
import pomona.graph.Tensor;
import pomona.graph.Value;

/** The network while it is made: weights under the names of PyTorch, operators named after their modules. */
final class Draft {

    private final ScriptModel model;
    private final NetworkBuilder builder;
    private final List<Node> nodes = new ArrayList<>();
    private final Set<String> values = new HashSet<>();
    private final Set<String> inputs = new HashSet<>();
    private final Set<String> nodeNames = new HashSet<>();
    private final Map<String, Symbol> weights = new HashMap<>();
    private final Map<String, Tensor> tensors = new HashMap<>();
    private final Aliases aliases = new Aliases();
    private int copies;

    Draft(String name, ScriptModel model) {
        this.model = model;
        this.builder = Network.builder(name);
        model.root().tensors().keySet().forEach(values::add);
    }

    NetworkBuilder builder() {
        return builder;
    }

    void input(Value input) {
        builder.input(input);
        values.add(input.name());
        inputs.add(input.name());
    }

    List<Node> nodes() {
        return nodes;
    }

    /** A parameter or buffer of a module; one that two modules share has one name. */
    Symbol weight(String name, Storages.Place place) {
        return weights.computeIfAbsent(key(place), key -> {
            String free = inputs.contains(name) ? fresh(name) : name;
            keep(free, model.tensor(place));
            return new Symbol(free, place.type(), place.shape().length);
        });
    }

    private static String key(Storages.Place place) {
        return place.entry().name() + "/" + place.offset() + Arrays.toString(place.shape())
                + Arrays.toString(place.strides());
    }

    /** A constant tensor of the code, such as {@code c0}. */
    Symbol constant(String name, Translation.Scope scope) {
        int index = name.matches("c\\d{1,8}") ? Integer.parseInt(name.substring(1)) : -1;
        if (index < 0 || index >= model.constants().size() || model.constants().get(index) == null) {
            throw scope.refusal("the archive has no constant " + name + ".");
        }
        return weights.computeIfAbsent(
                "constant " + name, key -> constant(name, model.constants().get(index)));
    }

    /** A new weight that is a constant. */
    Symbol constant(String wish, Tensor tensor) {
        String name = fresh(wish);
        keep(name, tensor);
        return new Symbol(name, tensor.type(), tensor.rank());
    }

    private void keep(String name, Tensor tensor) {
        tensors.put(name, tensor);
        builder.weight(name, tensor);
    }

    /** The values of a weight or constant, or null of what the network computes. */
    Tensor tensor(Symbol symbol) {
        return tensors.get(symbol.name());
    }

    /** Adds an operator named after a module, with outputs of those types and ranks. */
    List<Symbol> node(String path, String op, List<Symbol> inputs, Map<String, Attribute> attributes, Symbol... like) {
        String wish = path.isEmpty() ? op.toLowerCase(java.util.Locale.ROOT) : path;
        List<Symbol> outputs = new ArrayList<>();
        for (Symbol one : like) {
            outputs.add(new Symbol(fresh(wish + ".out"), one.type(), one.rank()));
        }
        String name = wish;
        for (int i = 1; !nodeNames.add(name); i++) {
            name = wish + "_" + i;
        }
        Node node = Node.of(
                op,
                name,
                inputs.stream().map(input -> input == null ? "" : input.name()).toList(),
                outputs.stream().map(Symbol::name).toArray(String[]::new));
        for (Map.Entry<String, Attribute> attribute : attributes.entrySet()) {
            node = node.with(attribute.getKey(), attribute.getValue());
        }
        nodes.add(node);
        return outputs;
    }

    /** The dimensions of a value as far as they are known, or null. */
    List<Dimension> shape(Symbol symbol) {
        Value value = ShapeInference.of(builder.nodes(nodes).build()).get(symbol.name());
        return value == null ? null : value.shape();
    }

    /** Leaves out what no output needs, such as what code reads and never uses. */
    List<Node> needed(List<Node> all, Set<String> outputs) {
        Set<String> wanted = new HashSet<>(outputs);
        List<Node> kept = new ArrayList<>();
        for (int i = all.size() - 1; i >= 0; i--) {
            Node node = all.get(i);
            if (node.outputs().stream().anyMatch(wanted::contains)) {
                kept.add(0, node);
                wanted.addAll(node.inputs());
            }
        }
        tensors.keySet().stream().filter(name -> !wanted.contains(name)).forEach(builder::removeWeight);
        return kept;
    }

    /** The number of elements of a weight. */
    long sizeOf(Symbol weight) {
        return model.root().tensors().values().stream()
                .filter(place -> weight.equals(weights.get(key(place))))
                .mapToLong(Storages.Place::size)
                .findFirst()
                .orElseThrow(() -> new Refusal("the value " + weight.name() + " is no weight."));
    }

    String fresh(String wish) {
        String name = wish;
        for (int i = 1; !values.add(name); i++) {
            name = wish + "_" + i;
        }
        return name;
    }

    /** The same value in memory of its own. */
    Symbol copy(Symbol symbol) {
        return new Symbol(symbol.name(), symbol.type(), symbol.rank(), ++copies);
    }

    Aliases aliases() {
        return aliases;
    }

    /** The value, or the list of values, after all changes in place. */
    Object latest(Object value) {
        if (value instanceof Symbol symbol) {
            return aliases.latest(symbol);
        }
        return value instanceof List<?> list ? list.stream().map(this::latest).toList() : value;
    }

    static ElementType elementType(long torchCode) {
        return switch ((int) torchCode) {
            case 0 -> ElementType.UINT8;
            case 1 -> ElementType.INT8;
            case 2 -> ElementType.INT16;
            case 3 -> ElementType.INT32;
            case 4 -> ElementType.INT64;
            case 5 -> ElementType.FLOAT16;
            case 6 -> ElementType.FLOAT;
            case 7 -> ElementType.DOUBLE;
            case 11 -> ElementType.BOOL;
            case 15 -> ElementType.BFLOAT16;
            default -> null;
        };
    }
}
