package pomona.quantize;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pomona.graph.ElementType;
import pomona.graph.Graph;
import pomona.graph.Node;
import pomona.graph.Tensor;

/**
 * A GELU written as x / 2 * (1 + erf(x / sqrt(2))), with its factors in any order.
 *
 * @param input the value x
 * @param last the operator that makes the result
 * @param within the operators that nobody needs any more when another one makes the result
 */
record ErrorFunctionGelu(String input, Node last, Set<Node> within) {

    /** The GELUs of a graph, sub-graphs not looked into, by each operator that goes with one. */
    static Map<Node, ErrorFunctionGelu> of(Graph graph, GraphDraft draft) {
        Finder finder = new Finder(graph, draft);
        Map<Node, ErrorFunctionGelu> found = new HashMap<>();
        for (Node node : graph.nodes()) {
            ErrorFunctionGelu gelu = node.is("Erf") ? finder.around(node) : null;
            if (gelu != null) {
                gelu.within.forEach(part -> found.put(part, gelu));
            }
        }
        return found;
    }

    /** Writes the approximation by tanh that makes the same value, as ONNX Runtime's FastGelu is made of. */
    void writeApproximated(GraphDraft draft) {
        String base = last.output();
        within.forEach(node -> node.inputs().stream()
                .filter(value -> draft.owner(value) != null)
                .forEach(value -> draft.owner(value).replaced(value)));
        String cube = draft.add("Pow", base + ".cube", input, number("gelu.three", 3, draft));
        String small = draft.add("Mul", base + ".small", cube, number("gelu.cubic", 0.044715, draft));
        String sum = draft.add("Add", base + ".sum", input, small);
        String scaled = draft.add("Mul", base + ".scaled", sum, number("gelu.root", Math.sqrt(2 / Math.PI), draft));
        String tanh = draft.add("Tanh", base + ".tanh", scaled);
        String one = draft.add("Add", base + ".one", tanh, number("gelu.one", 1, draft));
        String half = draft.add("Mul", base + ".half", input, number("gelu.half", 0.5, draft));
        draft.add(Node.of("Mul", last.name(), List.of(half, one), last.output()));
    }

    private static String number(String name, double value, GraphDraft draft) {
        return draft.once(name, String.class, () -> draft.weight(name, Tensor.scalar((float) value)));
    }

    private static final class Finder {

        private final GraphDraft draft;
        private final Map<String, Node> makers;
        private final Map<String, Set<Node>> takers = new HashMap<>();
        private final Set<String> outputs = new HashSet<>();

        Finder(Graph graph, GraphDraft draft) {
            this.draft = draft;
            this.makers = graph.producers();
            graph.outputs().forEach(output -> outputs.add(output.name()));
            for (Node node : graph.nodes()) {
                node.takes().forEach(value -> takers.computeIfAbsent(value, k -> new HashSet<>())
                        .add(node));
            }
        }

        ErrorFunctionGelu around(Node erf) {
            Node argument = makers.get(erf.input(0));
            String input = argument == null ? null : scaled(argument, Math.sqrt(0.5));
            Node sum = onlyTaker(erf);
            Node product = sum == null || !isSumWithOne(sum, erf.output()) ? null : onlyTaker(sum);
            if (input == null || product == null || !product.is("Mul")) {
                return null;
            }
            Set<Node> within = new LinkedHashSet<>(List.of(erf, sum, product));
            addIfOnlyFor(argument, erf, within);
            Node last = last(input, product, other(product, sum.output()), within);
            return last == null || isHalvedOutside(input, within) ? null : new ErrorFunctionGelu(input, last, within);
        }

        /** ONNX Runtime 1.23 loads no network in which others take half of x too: its FastGelu takes it away. */
        private boolean isHalvedOutside(String input, Set<Node> within) {
            return takers.get(input).stream()
                    .anyMatch(taker -> !within.contains(taker) && input.equals(scaled(taker, 0.5)));
        }

        /** The operator behind which both x and a half are factors, given the product that has one or both of them. */
        private Node last(String input, Node product, String factor, Set<Node> within) {
            Node maker = makers.get(factor);
            if (maker != null && input.equals(scaled(maker, 0.5))) {
                addIfOnlyFor(maker, product, within);
                return product;
            }
            Node next = onlyTaker(product);
            boolean fits = next != null
                    && (factor.equals(input)
                            ? product.output().equals(scaled(next, 0.5))
                            : isNumber(factor, 0.5) && next.is("Mul") && input.equals(other(next, product.output())));
            if (fits) {
                within.add(next);
            }
            return fits ? next : null;
        }

        /** The value that an operator multiplies by that factor or divides by its reciprocal, else null. */
        private String scaled(Node node, double factor) {
            if (node.is("Div") && isNumber(node.input(1), 1 / factor)) {
                return node.input(0);
            }
            for (int i = 0; i < 2 && node.is("Mul"); i++) {
                if (isNumber(node.input(i), factor)) {
                    return node.input(1 - i);
                }
            }
            return null;
        }

        private boolean isSumWithOne(Node node, String value) {
            return node.is("Add") && isNumber(other(node, value), 1);
        }

        private static String other(Node node, String value) {
            return node.input(0).equals(value) ? node.input(1) : node.input(0);
        }

        private boolean isNumber(String value, double number) {
            Tensor constant = draft.constant(value);
            return constant != null
                    && constant.size() == 1
                    && constant.type() == ElementType.FLOAT
                    && Math.abs(constant.toFloatArray()[0] - number) <= 1e-6 * number;
        }

        private Node onlyTaker(Node node) {
            Set<Node> all = takers.getOrDefault(node.output(), Set.of());
            return all.size() == 1 && !outputs.contains(node.output())
                    ? all.iterator().next()
                    : null;
        }

        private void addIfOnlyFor(Node node, Node taker, Set<Node> within) {
            if (onlyTaker(node) == taker) {
                within.add(node);
            }
        }
    }
}
