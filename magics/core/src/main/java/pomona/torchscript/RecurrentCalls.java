package pomona.torchscript;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.Tensor;

/** LSTM, GRU and simple recurrent layers. PyTorch has their gates in another order than ONNX. */
final class RecurrentCalls {

    private RecurrentCalls() {}

    static void addTo(Map<String, Calls.Rule> rules) {
        rules.put("lstm", site -> layers(site, "LSTM", new int[] {0, 3, 1, 2}));
        rules.put("gru", site -> layers(site, "GRU", new int[] {1, 0, 2}));
        rules.put("rnn_tanh", site -> layers(site, "RNN", new int[] {0}));
        rules.put("rnn_relu", site -> layers(site, "RNN", new int[] {0}));
    }

    /** The call's arguments. */
    private record Stack(Site site, String op, int[] gates, boolean biases, int layers, int directions) {

        List<Symbol> parameters(int layer, int direction) {
            int each = biases ? 4 : 2;
            int first = (layer * directions + direction) * each;
            return ((List<?>) site.arg(2))
                    .subList(first, first + each).stream().map(p -> (Symbol) p).toList();
        }

        int hidden() {
            return Math.toIntExact(tensor(parameters(0, 0).get(1)).dim(1));
        }

        Tensor tensor(Symbol weight) {
            Tensor tensor = site.draft().tensor(weight);
            if (tensor == null || tensor.type() != ElementType.FLOAT) {
                throw site.refusal("it calls " + site.function() + " with " + weight.name()
                        + ", which is no weight of 32-bit numbers.");
            }
            return tensor;
        }

        /** One parameter of both directions with its gates in the order of ONNX. */
        float[] ordered(int layer, int... which) {
            List<float[]> parts = new ArrayList<>();
            for (int direction = 0; direction < directions; direction++) {
                for (int index : which) {
                    float[] values =
                            tensor(parameters(layer, direction).get(index)).toFloatArray();
                    int gate = values.length / gates.length;
                    float[] turned = new float[values.length];
                    for (int g = 0; g < gates.length; g++) {
                        System.arraycopy(values, gates[g] * gate, turned, g * gate, gate);
                    }
                    parts.add(turned);
                }
            }
            float[] all = new float[parts.stream().mapToInt(p -> p.length).sum()];
            int at = 0;
            for (float[] part : parts) {
                System.arraycopy(part, 0, all, at, part.length);
                at += part.length;
            }
            return all;
        }

        Symbol constant(String name, int layer, float[] values, long... shape) {
            String path = site.scope().module().path();
            return site.draft()
                    .constant((path.isEmpty() ? "" : path + ".") + name + "_l" + layer, Tensor.ofFloats(values, shape));
        }
    }

    private static Object layers(Site site, String op, int[] gates) {
        if (!(site.arg(2) instanceof List<?> parameters) || site.tensor(0).rank() != 3) {
            throw site.refusal("it calls " + site.function()
                    + " on packed sequences or without a batch; a batch of sequences of one length is understood.");
        }
        Stack stack = new Stack(site, op, gates, site.flag(3, ""), (int) site.integer(4, 1), site.flag(7, "") ? 2 : 1);
        if (parameters.size() != stack.layers() * stack.directions() * (stack.biases() ? 4 : 2)) {
            throw site.refusal("it calls " + site.function() + " with projections, which are not understood.");
        }
        boolean batchFirst = site.flag(8, "");
        Symbol x = batchFirst ? swapped(site, site.tensor(0)) : site.tensor(0);
        List<List<Symbol>> states = new ArrayList<>();
        for (int layer = 0; layer < stack.layers(); layer++) {
            if (layer > 0 && site.flag(6, "") && site.real(5, 0) > 0) {
                x = site.same("Dropout", x, site.asTensor(site.real(5, 0), ElementType.FLOAT));
            }
            List<Symbol> outputs = layer(stack, layer, x);
            x = joined(stack, outputs.get(0));
            states.add(outputs.subList(1, outputs.size()));
        }
        List<Symbol> result = new ArrayList<>(List.of(batchFirst ? swapped(site, x) : x));
        for (int state = 0; state < states.get(0).size(); state++) {
            int index = state;
            List<Symbol> all = states.stream().map(s -> s.get(index)).toList();
            result.add(
                    all.size() == 1
                            ? all.get(0)
                            : site.node("Concat", all, Map.of("axis", Attribute.of(0)), x.type(), 3));
        }
        return result;
    }

    private static Symbol swapped(Site site, Symbol x) {
        return site.same("Transpose", Map.of("perm", Attribute.ofInts(1, 0, 2)), x);
    }

    private static List<Symbol> layer(Stack stack, int layer, Symbol x) {
        Site site = stack.site();
        long directions = stack.directions();
        long hidden = stack.hidden();
        long rows = hidden * stack.gates().length;
        float[] input = stack.ordered(layer, 0);
        List<Symbol> inputs = new ArrayList<>();
        inputs.add(x);
        inputs.add(stack.constant("W", layer, input, directions, rows, input.length / directions / rows));
        inputs.add(stack.constant("R", layer, stack.ordered(layer, 1), directions, rows, hidden));
        inputs.add(
                stack.biases() ? stack.constant("B", layer, stack.ordered(layer, 2, 3), directions, 2 * rows) : null);
        inputs.add(null);
        List<?> states = site.arg(1) instanceof List<?> list ? list : List.of(site.arg(1));
        for (Object state : states) {
            inputs.add(stateOf(stack, layer, (Symbol) state));
        }
        Map<String, Attribute> attributes = new HashMap<>();
        attributes.put("hidden_size", Attribute.of(hidden));
        attributes.put("direction", Attribute.of(directions == 2 ? "bidirectional" : "forward"));
        if (stack.op().equals("GRU")) {
            attributes.put("linear_before_reset", Attribute.of(1));
        }
        if (site.function().toLowerCase(Locale.ROOT).endsWith("rnn_relu")) {
            attributes.put("activations", new Attribute.Texts(Collections.nCopies((int) directions, "Relu")));
        }
        List<Symbol> like = new ArrayList<>(List.of(new Symbol("", x.type(), 4)));
        states.forEach(state -> like.add(new Symbol("", x.type(), 3)));
        return site.draft()
                .node(site.scope().module().path(), stack.op(), inputs, attributes, like.toArray(Symbol[]::new));
    }

    private static Symbol stateOf(Stack stack, int layer, Symbol all) {
        if (stack.layers() == 1) {
            return all;
        }
        Site site = stack.site();
        long first = (long) layer * stack.directions();
        return site.same(
                "Slice",
                all,
                site.longsConstant(first),
                site.longsConstant(first + stack.directions()),
                site.longsConstant(0));
    }

    /** The outputs of both directions side by side. */
    private static Symbol joined(Stack stack, Symbol y) {
        Site site = stack.site();
        if (stack.directions() == 1) {
            return site.node("Squeeze", y.type(), 3, y, site.longsConstant(1));
        }
        Symbol turned = site.same("Transpose", Map.of("perm", Attribute.ofInts(0, 2, 1, 3)), y);
        return site.node("Reshape", y.type(), 3, turned, site.longsConstant(0, 0, -1));
    }
}
