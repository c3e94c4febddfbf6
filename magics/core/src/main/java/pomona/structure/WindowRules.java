package pomona.structure;

import java.util.Arrays;
import java.util.Map;
import pomona.graph.Node;
import pomona.graph.Tensor;

/** Pools, padding and resizing: channels go through, other axes change. */
final class WindowRules {

    private WindowRules() {}

    static void register(Map<String, Rule> rules) {
        for (String op : "MaxPool AveragePool LpPool GlobalAveragePool GlobalMaxPool GlobalLpPool".split(" ")) {
            rules.put(op, WindowRules::pool);
        }
        rules.put("Pad", WindowRules::pad);
        rules.put("Resize", (analysis, node) -> resize(analysis, node, 2, 3));
        rules.put("Upsample", (analysis, node) -> resize(analysis, node, 1, 3));
        rules.put("DepthToSpace", WindowRules::depthToSpace);
        rules.put("SpaceToDepth", WindowRules::spaceToDepth);
    }

    private static void pool(Analysis analysis, Node node) {
        int[][] input = analysis.axes(node.input(0));
        analysis.fixFrom(node, input, 2);
        for (String output : node.outputs()) {
            analysis.set(output, Arrays.copyOf(Arrays.copyOf(input, 2), input.length));
        }
        if (node.outputs().size() > 1
                && !analysis.consumers(node.outputs().get(1)).isEmpty()) {
            // Indices count through all channels.
            analysis.unknown(node);
        }
    }

    private static void pad(Analysis analysis, Node node) {
        int[][] input = analysis.axes(node.input(0));
        long[] pads =
                node.hasInput(1) ? analysis.integers(node.input(1)) : node.integers("pads", node.integers("paddings"));
        int[][] result = input.clone();
        for (int axis = 0; axis < input.length; axis++) {
            boolean whole = pads != null && pads.length == 2 * input.length;
            if (!whole || node.hasInput(3) || pads[axis] != 0 || pads[axis + input.length] != 0) {
                analysis.fix(input[axis], Analysis.odd(node));
                result[axis] = null;
            }
        }
        analysis.set(node.output(), result);
    }

    private static void resize(Analysis analysis, Node node, int scalesPlace, int sizesPlace) {
        int[][] input = analysis.axes(node.input(0));
        int place = analysis.network.opset() < 11 ? 1 : scalesPlace;
        Tensor scales = analysis.network.weights().get(node.input(place));
        analysis.fixFrom(node, input, 2);
        boolean through = !node.attributes().containsKey("axes")
                || Arrays.stream(node.integers("axes"))
                        .allMatch(axis -> axis > 1 || axis < 0 && axis + input.length > 1);
        if (node.hasInput(place) && scales != null && scales.size() == input.length) {
            through &= scales.toFloatArray()[1] == 1;
        }
        if (!through) {
            analysis.unknown(node);
            return;
        }
        int[][] result = Arrays.copyOf(Arrays.copyOf(input, 2), input.length);
        analysis.set(node.output(), result);
        long[] sizes = node.hasInput(sizesPlace) ? analysis.integers(node.input(sizesPlace)) : null;
        if (sizes != null && sizes.length == input.length && input[1] != null) {
            analysis.rewrite(node, (old, removal) -> {
                long[] fewer = sizes.clone();
                fewer[1] = removal.count(input[1]);
                return Nodes.withInput(old, sizesPlace, removal.constant(node.input(sizesPlace), fewer));
            });
        }
    }

    /** A channel of the output is made of one channel for each place of a block. */
    private static void depthToSpace(Analysis analysis, Node node) {
        int[][] input = analysis.axes(node.input(0));
        int block = Math.toIntExact(node.integer("blocksize", 1) * node.integer("blocksize", 1));
        analysis.fixFrom(node, input, 2);
        int[] channels = input[1];
        int[] result = null;
        if (channels != null) {
            int size = channels.length / block;
            boolean columnsFirst = node.text("mode", "DCR").equals("CRD");
            result = new int[size];
            for (int i = 0; i < channels.length; i++) {
                int to = columnsFirst ? i / block : i % size;
                if (i == (columnsFirst ? to * block : to)) {
                    result[to] = channels[i];
                }
                analysis.units.join(channels[i], result[to]);
            }
        }
        analysis.set(node.output(), input[0], result, null, null);
    }

    private static void spaceToDepth(Analysis analysis, Node node) {
        int[][] input = analysis.axes(node.input(0));
        int block = Math.toIntExact(node.integer("blocksize", 1) * node.integer("blocksize", 1));
        analysis.fixFrom(node, input, 2);
        int[] channels = input[1];
        int[] result = null;
        if (channels != null) {
            result = new int[channels.length * block];
            for (int i = 0; i < result.length; i++) {
                result[i] = channels[i % channels.length];
            }
        }
        analysis.set(node.output(), input[0], result, null, null);
    }
}
