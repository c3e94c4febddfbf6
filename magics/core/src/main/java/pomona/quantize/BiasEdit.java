package pomona.quantize;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import pomona.graph.Attribute;
import pomona.graph.FreshNames;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Tensor;

/** Adds to the biases of quantized layers, in the integers or floats that they are stored in. */
final class BiasEdit {

    private final Network network;
    private final Map<String, Node> producers;
    private final NetworkBuilder builder;
    private final FreshNames names;
    private final Map<Node, Node> changed = new HashMap<>();
    private final Map<Node, List<Node>> before = new HashMap<>();

    BiasEdit(Network network) {
        this.network = network;
        this.producers = network.graph().producers();
        this.builder = network.toBuilder();
        this.names = new FreshNames(network);
    }

    /** The network in which each layer's outputs are larger by an amount for each channel. */
    Network shifted(Map<CorrectableLayer, double[]> shifts) {
        shifts.forEach((layer, shift) -> {
            Node holder = layer.holder();
            int place = !holder.is("Add") ? 2 : holder.input(0).equals(layer.value()) ? 1 : 0;
            Node maker = producers.get(holder.input(place));
            if (maker != null && maker.is("DequantizeLinear")) {
                shiftIntegers(holder, place, maker, shift);
            } else if (holder.hasInput(place)) {
                shiftFloats(holder, place, shift);
            } else {
                addBias(holder, shift);
            }
        });
        List<Node> nodes = new ArrayList<>();
        for (Node node : network.nodes()) {
            nodes.addAll(before.getOrDefault(node, List.of()));
            nodes.add(changed.getOrDefault(node, node));
        }
        return builder.nodes(nodes).build();
    }

    private void shiftIntegers(Node holder, int place, Node maker, double[] shift) {
        Tensor stored = network.weight(maker.input(0));
        float[] scales = network.weight(maker.input(1)).toFloatArray();
        long[] integers = stored.toLongArray();
        int[] moved = new int[integers.length];
        for (int c = 0; c < moved.length; c++) {
            double steps = Math.rint(integers[c] + shift[c] / scales[scales.length == 1 ? 0 : c]);
            moved[c] = (int) Math.max(Integer.MIN_VALUE, Math.min(Integer.MAX_VALUE, steps));
        }
        Tensor tensor = Tensor.ofInts(moved, stored.shape());
        if (uses(maker.input(0)) == 1 && uses(maker.output()) == 1) {
            builder.weight(maker.input(0), tensor);
            return;
        }
        List<String> inputs = new ArrayList<>(maker.inputs());
        inputs.set(0, names.value(maker.input(0) + ".corrected"));
        builder.weight(inputs.get(0), tensor);
        String output = names.value(maker.output() + ".corrected");
        put(
                holder,
                place,
                maker.named(names.node(maker.name() + ".corrected"))
                        .withInputs(inputs)
                        .withOutputs(List.of(output)));
    }

    private void shiftFloats(Node holder, int place, double[] shift) {
        Tensor stored = network.weight(holder.input(place));
        float[] bias = stored.toFloatArray();
        double beta = holder.is("Gemm") ? holder.real("beta", 1) : 1;
        boolean one = bias.length == 1 && shift.length > 1;
        float[] moved = new float[shift.length];
        for (int c = 0; c < moved.length; c++) {
            moved[c] = (float) (bias[one ? 0 : c] + shift[c] / beta);
        }
        boolean own = uses(holder.input(place)) == 1;
        String name = own ? holder.input(place) : names.value(holder.input(place) + ".corrected");
        builder.weight(name, Tensor.ofFloats(moved, one ? new long[] {moved.length} : stored.shape()));
        if (!own) {
            List<String> inputs = new ArrayList<>(holder.inputs());
            inputs.set(place, name);
            changed.put(holder, holder.withInputs(inputs));
        }
    }

    /** A new bias: integers where the layer's input is quantized too, since its kernel takes no floats there. */
    private void addBias(Node holder, double[] shift) {
        Node input = producers.get(holder.input(0));
        Node weight = producers.get(holder.input(1));
        boolean integers = input != null && input.is("DequantizeLinear");
        String name = names.value(holder.output() + (integers ? ".bias.int32" : ".bias"));
        if (!integers) {
            float[] floats = new float[shift.length];
            for (int c = 0; c < floats.length; c++) {
                floats[c] = (float) shift[c];
            }
            builder.weight(name, Tensor.ofFloats(floats, floats.length));
            changed.put(holder, holder.withInputs(List.of(holder.input(0), holder.input(1), name)));
            return;
        }
        float step = network.weight(input.input(1)).toFloatArray()[0];
        float[] scales = network.weight(weight.input(1)).toFloatArray();
        float[] product = new float[shift.length];
        int[] bias = new int[shift.length];
        for (int c = 0; c < bias.length; c++) {
            product[c] = scales[scales.length == 1 ? 0 : c] * step;
            bias[c] = (int) Math.rint(shift[c] / product[c]);
        }
        String scale = names.value(holder.output() + ".bias.scale");
        builder.weight(name, Tensor.ofInts(bias, bias.length)).weight(scale, Tensor.ofFloats(product, product.length));
        String output = names.value(holder.output() + ".bias.dequantized");
        Node maker = Node.of("DequantizeLinear", names.node(output), List.of(name, scale), output);
        put(holder, 2, maker.with("axis", Attribute.of(0)));
    }

    private void put(Node holder, int place, Node maker) {
        List<String> inputs = new ArrayList<>(holder.inputs());
        while (inputs.size() <= place) {
            inputs.add("");
        }
        inputs.set(place, maker.output());
        before.put(holder, List.of(maker));
        changed.put(holder, holder.withInputs(inputs));
    }

    private long uses(String value) {
        return network.nodes().stream()
                .flatMap(node -> node.inputs().stream())
                .filter(value::equals)
                .count();
    }
}
