package pomona.djl;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import pomona.djl.TracedCall.Ref;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.Tensor;

/**
 * Recurrent layers among what blocks do. The engine has weights for each layer and direction, gates in the order of
 * PyTorch (input, forget, cell, output; reset, update, new); operators have one weight for both directions and another
 * order of gates (input, output, forget, cell; update, reset, hidden).
 */
final class RecurrentWriters {

    private static final int[] LSTM_GATES = {0, 3, 1, 2};
    private static final int[] GRU_GATES = {1, 0, 2};
    private static final int[] RNN_GATES = {0};

    /** What the three kinds have in common; the flags stand at the end of their arguments. */
    private record Layer(
            Writing w, String op, int[] gates, boolean biased, int layers, boolean both, boolean batchFirst) {

        static Layer of(Writing w, String op, int[] gates) {
            int last = w.count() - 1;
            int layers = ((Number) w.arg(5)).intValue();
            return new Layer(w, op, gates, w.flag(4), layers, w.flag(last - 1), w.flag(last));
        }

        int directions() {
            return both ? 2 : 1;
        }
    }

    private RecurrentWriters() {}

    static void addTo(Map<String, Consumer<Writing>> writers) {
        writers.put("ex.lstm", w -> write(Layer.of(w, "LSTM", LSTM_GATES)));
        writers.put("ex.gru", w -> write(Layer.of(w, "GRU", GRU_GATES)));
        writers.put("ex.rnn", w -> write(Layer.of(w, "RNN", RNN_GATES)));
    }

    private static void write(Layer layer) {
        Writing w = layer.w();
        String value = w.value(1);
        if (layer.batchFirst()) {
            value = w.step("Transpose", List.of(value), Map.of("perm", Attribute.ofInts(1, 0, 2)));
        }
        List<List<String>> states = new ArrayList<>(List.of(new ArrayList<>(), new ArrayList<>()));
        for (int i = 0; i < layer.layers(); i++) {
            List<String> outputs = one(layer, i, value);
            // (length, directions, batch, size) becomes (length, batch, directions * size).
            String turned = w.step("Transpose", List.of(outputs.get(0)), Map.of("perm", Attribute.ofInts(0, 2, 1, 3)));
            value = w.step("Reshape", turned, w.longsConstant(0, 0, -1));
            for (int s = 1; s < outputs.size(); s++) {
                states.get(s - 1).add(outputs.get(s));
            }
        }
        if (layer.batchFirst()) {
            value = w.step("Transpose", List.of(value), Map.of("perm", Attribute.ofInts(1, 0, 2)));
        }
        w.made(value);
        for (int s = 0; s < 2 && !states.get(s).isEmpty(); s++) {
            List<String> all = states.get(s);
            w.made(s + 1, all.size() == 1 ? all.get(0) : w.step("Concat", all, Map.of("axis", Attribute.of(0))));
        }
    }

    private static List<String> one(Layer layer, int number, String value) {
        Writing w = layer.w();
        boolean cell = layer.op().equals("LSTM");
        int each = layer.biased() ? 4 : 2;
        int first = number * layer.directions() * each;
        List<Tensor> parameters = w.tensors(3).subList(first, first + layer.directions() * each);
        Tensor input = joined(parameters, each, 0, layer.gates());
        String name = w.call().path() + ".layer" + (number + 1);
        List<String> inputs = new ArrayList<>(List.of(
                value,
                w.writer().constant(name + ".input", input),
                w.writer().constant(name + ".recurrence", joined(parameters, each, 1, layer.gates()))));
        inputs.add(layer.biased() ? w.writer().constant(name + ".bias", biases(parameters, layer.gates())) : "");
        inputs.add("");
        inputs.add(state(layer, number, 0));
        if (cell) {
            inputs.add(state(layer, number, 1));
        }
        while (inputs.get(inputs.size() - 1).isEmpty()) {
            inputs.remove(inputs.size() - 1);
        }
        Map<String, Attribute> attributes = new HashMap<>();
        attributes.put("hidden_size", Attribute.of(input.dim(1) / layer.gates().length));
        attributes.put("direction", Attribute.of(layer.both() ? "bidirectional" : "forward"));
        if (layer.op().equals("GRU")) {
            attributes.put("linear_before_reset", Attribute.of(1));
        }
        if (layer.op().equals("RNN")) {
            String function = w.arg(6).toString().toLowerCase(Locale.ROOT).equals("relu") ? "Relu" : "Tanh";
            attributes.put(
                    "activations", new Attribute.Texts(java.util.Collections.nCopies(layer.directions(), function)));
        }
        return w.steps(layer.op(), inputs, attributes, cell ? 3 : 2);
    }

    /** The state that a layer begins with; empty for zeros, which the engine makes for the batch it is given. */
    private static String state(Layer layer, int number, int kind) {
        Writing w = layer.w();
        Object states = w.call().args().get(2);
        Ref ref = states instanceof List<?> list ? (Ref) list.get(kind) : (Ref) states;
        if (ref == null || w.writer().isZeros(ref)) {
            return "";
        }
        String value = w.writer().value(ref);
        if (layer.layers() == 1) {
            return value;
        }
        long from = (long) number * layer.directions();
        return w.step(
                "Slice", value, w.longsConstant(from), w.longsConstant(from + layer.directions()), w.longsConstant(0));
    }

    /** The weights of all directions, their gates in the operators' order. */
    private static Tensor joined(List<Tensor> parameters, int each, int which, int[] gates) {
        int directions = parameters.size() / each;
        Tensor like = parameters.get(which);
        ByteBuffer bytes =
                ByteBuffer.allocate(Math.toIntExact(like.bytes() * directions)).order(ByteOrder.LITTLE_ENDIAN);
        for (int d = 0; d < directions; d++) {
            put(bytes, parameters.get(d * each + which), gates);
        }
        return Tensor.of(ElementType.FLOAT, bytes.flip(), directions, like.dim(0), like.dim(1));
    }

    private static Tensor biases(List<Tensor> parameters, int[] gates) {
        int directions = parameters.size() / 4;
        long size = parameters.get(2).size();
        ByteBuffer bytes =
                ByteBuffer.allocate(Math.toIntExact(8 * size * directions)).order(ByteOrder.LITTLE_ENDIAN);
        for (int d = 0; d < directions; d++) {
            put(bytes, parameters.get(4 * d + 2), gates);
            put(bytes, parameters.get(4 * d + 3), gates);
        }
        return Tensor.of(ElementType.FLOAT, bytes.flip(), directions, 2 * size);
    }

    private static void put(ByteBuffer bytes, Tensor parameter, int[] gates) {
        int block = Math.toIntExact(parameter.bytes() / gates.length);
        for (int gate : gates) {
            bytes.put(parameter.data().slice(gate * block, block));
        }
    }
}
