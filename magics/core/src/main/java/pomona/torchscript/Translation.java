package pomona.torchscript;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pomona.graph.Dimension;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Opaque;
import pomona.graph.ShapeInference;
import pomona.graph.Value;

/**
 * Follows the code of a traced model once and writes down the operators it calls. Modules, numbers and texts are known while
 * it is followed; tensors, and sizes that are read from them, become values of the network.
 */
final class Translation {

    private static final String FORWARD = "forward";

    /** Deeper calls are no tree of modules. */
    private static final int MOST_DEPTH = 200;

    private final ScriptModel model;
    private final Draft draft;
    private final Map<String, Map<String, Code.Type>> parsed = new HashMap<>();
    private int depth;

    Translation(String name, ScriptModel model) {
        this.model = model;
        this.draft = new Draft(name, model);
    }

    Network translate(Value... inputs) {
        Code.Function forward = function(model.root(), FORWARD);
        List<String> parameters = forward.parameters();
        if (inputs.length != parameters.size()) {
            throw new Refusal("its forward takes " + parameters.size() + " inputs, " + String.join(", ", parameters)
                    + ", but " + inputs.length + " were described; describe each with its type and shape.");
        }
        List<Object> arguments = new ArrayList<>();
        for (Value input : inputs) {
            if (input.type() == null || input.shape() == null) {
                throw new Refusal("the input " + input.name() + " was described without its type or shape.");
            }
            draft.input(input);
            arguments.add(new Symbol(input.name(), input.type(), input.shape().size()));
        }
        List<Symbol> outputs = new ArrayList<>();
        flatten(call(model.root(), FORWARD, arguments), outputs);
        return finished(outputs);
    }

    private void flatten(Object result, List<Symbol> outputs) {
        if (result instanceof List<?> list) {
            list.forEach(item -> flatten(item, outputs));
        } else if (result instanceof Symbol symbol) {
            outputs.add((Symbol) draft.latest(symbol));
        } else {
            throw new Refusal("its forward gives back " + result + ", which is no tensor.");
        }
    }

    private Network finished(List<Symbol> outputs) {
        List<Node> nodes = new ArrayList<>(draft.nodes());
        Set<String> names = new HashSet<>();
        for (int i = 0; i < outputs.size(); i++) {
            Symbol output = outputs.get(i);
            String name = draft.fresh(outputs.size() == 1 ? "output" : "output" + (i + 1));
            names.add(name);
            boolean made = nodes.stream().anyMatch(node -> node.outputs().contains(output.name()));
            boolean once =
                    outputs.stream().filter(o -> o.name().equals(output.name())).count() == 1;
            if (made && once) {
                nodes.replaceAll(node -> renamed(node, output.name(), name));
            } else {
                nodes.add(Node.of("Identity", name, List.of(output.name()), name));
            }
            List<Dimension> shape = new ArrayList<>();
            for (int d = 0; d < output.rank(); d++) {
                shape.add(Dimension.UNKNOWN);
            }
            draft.builder().output(new Value(name, output.type(), shape, Opaque.NONE));
        }
        Network network = draft.builder().nodes(draft.needed(nodes, names)).build();
        Map<String, Value> inferred = ShapeInference.of(network);
        return network.toBuilder()
                .outputs(network.signature().outputs().stream()
                        .map(output -> inferred.getOrDefault(output.name(), output))
                        .toList())
                .build();
    }

    private static Node renamed(Node node, String from, String to) {
        return node.withInputs(
                        node.inputs().stream().map(n -> n.equals(from) ? to : n).toList())
                .withOutputs(node.outputs().stream()
                        .map(n -> n.equals(from) ? to : n)
                        .toList());
    }

    private Code.Function function(Module module, String method) {
        String file = model.codeFile(module.type());
        String name = module.type().substring(module.type().lastIndexOf('.') + 1);
        Code.Type type = file == null
                ? null
                : parsed.computeIfAbsent(file, f -> CodeParser.parse(f, model.code(f)))
                        .get(name);
        Code.Function function = type == null ? null : type.functions().get(method);
        if (function == null) {
            throw new Refusal("the archive has no code for " + method + " of " + module.type() + ".");
        }
        return function;
    }

    private Object call(Module module, String method, List<Object> arguments) {
        Code.Function function = function(module, method);
        if (++depth > MOST_DEPTH) {
            throw new Refusal("its modules call each other without end.");
        }
        String file = model.codeFile(module.type());
        Map<String, Object> names = new LinkedHashMap<>();
        names.put("self", module);
        for (int i = 0; i < function.parameters().size() && i < arguments.size(); i++) {
            names.put(function.parameters().get(i), arguments.get(i));
        }
        Object result = Pickle.NONE;
        for (Code.Statement statement : function.statements()) {
            Scope scope = new Scope(module, file, statement, names);
            Object value = evaluate(statement.value(), scope);
            if (statement.returns()) {
                result = value;
                break;
            }
            assign(statement, value, scope);
        }
        depth--;
        return result;
    }

    private void assign(Code.Statement statement, Object value, Scope scope) {
        List<String> targets = statement.targets();
        if (targets.size() == 1) {
            scope.names().put(targets.get(0), value);
            return;
        }
        if (value instanceof Unpacking unpacking) {
            for (int i = 0; i < targets.size(); i++) {
                scope.names().put(targets.get(i), unpacking.part(i));
            }
            return;
        }
        List<?> items = value instanceof List<?> list ? list : List.of();
        if (!targets.isEmpty() && items.size() != targets.size()) {
            throw scope.refusal("it gives " + items.size() + " values to " + targets.size() + " names.");
        }
        for (int i = 0; i < targets.size(); i++) {
            scope.names().put(targets.get(i), items.get(i));
        }
    }

    /** Where an expression stands. */
    record Scope(Module module, String file, Code.Statement statement, Map<String, Object> names) {

        Refusal refusal(String why) {
            return Refusal.at(file, statement.line(), why);
        }
    }

    private Object evaluate(Code.Expression expression, Scope scope) {
        if (expression instanceof Code.Literal literal) {
            return literal.value();
        } else if (expression instanceof Code.Items items) {
            return items.items().stream().map(item -> evaluate(item, scope)).toList();
        } else if (expression instanceof Code.Name name) {
            Object value = scope.names().get(name.name());
            if (value == null) {
                throw scope.refusal(
                        name.name().equals("__torch__")
                                ? "it calls another function of its own, which traced models do not; trace the model"
                                        + " instead of scripting it."
                                : "the name " + name.name() + " has no value.");
            }
            return value;
        } else if (expression instanceof Code.Attribute attribute) {
            return attribute(attribute, scope);
        } else if (expression instanceof Code.Item item) {
            Object of = evaluate(item.of(), scope);
            Object index = evaluate(item.index(), scope);
            if (of instanceof List<?> list && index instanceof Long i && i >= -list.size() && i < list.size()) {
                return list.get((int) (i < 0 ? i + list.size() : i));
            }
            if (of instanceof Unpacking unpacking && index instanceof Long i && i >= 0 && i < Integer.MAX_VALUE) {
                return unpacking.part(i.intValue());
            }
            throw scope.refusal("it takes an item of what is no list of that length.");
        }
        return call((Code.Call) expression, scope);
    }

    private Object attribute(Code.Attribute attribute, Scope scope) {
        if (attribute.of() instanceof Code.Name name && name.name().equals("CONSTANTS")) {
            return draft.constant(attribute.name(), scope);
        }
        Object of = evaluate(attribute.of(), scope);
        if (of instanceof Module module) {
            return member(module, attribute.name(), scope);
        }
        throw scope.refusal("the attribute " + attribute.name() + " is taken of what is no module.");
    }

    private Object member(Module module, String name, Scope scope) {
        Object value = module.attributes().get(name);
        if (value == null) {
            throw scope.refusal("module " + module.path() + " has no attribute " + name + ".");
        }
        return value instanceof Storages.Place place ? draft.weight(module.nameOf(name), place) : value;
    }

    private Object call(Code.Call call, Scope scope) {
        if (call.function() instanceof Code.Attribute attribute && !isNamespace(attribute.of())) {
            Object of = evaluate(attribute.of(), scope);
            if (of instanceof Module module) {
                List<Object> arguments =
                        call.arguments().stream().map(a -> evaluate(a, scope)).toList();
                return call(module, attribute.name(), arguments);
            }
            throw scope.refusal("it calls " + attribute.name() + " of what is no module.");
        }
        String function = dotted(call.function());
        if (function.equals("getattr") && call.arguments().size() == 2) {
            Object of = evaluate(call.arguments().get(0), scope);
            Object name = evaluate(call.arguments().get(1), scope);
            if (of instanceof Module module && name instanceof String text) {
                return member(module, text, scope);
            }
        }
        if (function.equals("annotate") && call.arguments().size() == 2) {
            return evaluate(call.arguments().get(1), scope);
        }
        List<Object> arguments = call.arguments().stream()
                .map(a -> draft.latest(evaluate(a, scope)))
                .toList();
        Map<String, Object> named = new LinkedHashMap<>();
        call.named().forEach((key, value) -> named.put(key, draft.latest(evaluate(value, scope))));
        return new Site(draft, scope, function, arguments, named).run();
    }

    private static boolean isNamespace(Code.Expression expression) {
        return Arrays.asList("torch", "ops").contains(dotted(expression).split("\\.")[0]);
    }

    private static String dotted(Code.Expression expression) {
        if (expression instanceof Code.Name name) {
            return name.name();
        }
        return expression instanceof Code.Attribute attribute ? dotted(attribute.of()) + "." + attribute.name() : "";
    }
}
