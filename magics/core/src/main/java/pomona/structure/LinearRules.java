package pomona.structure;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import pomona.graph.Attribute;
import pomona.graph.Node;

/** Products and convolutions: what goes in meets one axis of the weight, what comes out is another. */
final class LinearRules {

    private LinearRules() {}

    static void register(Map<String, Rule> rules) {
        rules.put("Conv", LinearRules::convolution);
        rules.put("ConvTranspose", LinearRules::transposedConvolution);
        rules.put("Gemm", LinearRules::gemm);
        rules.put("MatMul", LinearRules::matMul);
    }

    private static void convolution(Analysis analysis, Node node) {
        int[][] input = analysis.axes(node.input(0));
        int[][] weight = analysis.axes(node.input(1));
        analysis.fixFrom(node, input, 2);
        analysis.fixFrom(node, weight, 2);
        int group = Math.toIntExact(node.integer("group", 1));
        if (group == 1) {
            analysis.join(node, input[1], weight[1]);
        } else if (analysis.size(node.input(1), 1) == 1) {
            depthwise(analysis, node, input[1], weight[0], group);
        } else {
            joinWithinGroups(analysis, node, input[1], weight[1], group);
            joinAcrossGroups(analysis, weight[0], group);
        }
        finish(analysis, node, input, weight[0]);
    }

    private static void transposedConvolution(Analysis analysis, Node node) {
        int[][] input = analysis.axes(node.input(0));
        int[][] weight = analysis.axes(node.input(1));
        analysis.fixFrom(node, input, 2);
        analysis.fixFrom(node, weight, 2);
        int group = Math.toIntExact(node.integer("group", 1));
        long perGroup = analysis.size(node.input(1), 1);
        analysis.join(node, input[1], weight[0]);
        if (group == 1) {
            finish(analysis, node, input, weight[1]);
            return;
        }
        boolean depthwise = weight[0] != null && weight[0].length == group && perGroup == 1;
        if (!depthwise) {
            joinAcrossGroups(analysis, weight[0], group);
        } else {
            keepGroup(analysis, node, weight[0]);
        }
        finish(analysis, node, input, depthwise ? weight[0] : repeat(weight[1], group));
    }

    /** The bias, and the output. */
    private static void finish(Analysis analysis, Node node, int[][] input, int[] outputs) {
        if (node.hasInput(2)) {
            analysis.join(node, analysis.axes(node.input(2))[0], outputs);
        }
        int[][] result = new int[input.length][];
        result[0] = input[0];
        result[1] = outputs;
        analysis.set(node.output(), result);
    }

    /** Every input channel has filters of its own; they go together, and the number of groups follows. */
    private static void depthwise(Analysis analysis, Node node, int[] input, int[] filters, int group) {
        if (input == null || filters == null) {
            analysis.join(node, input, filters);
            return;
        }
        int multiplier = filters.length / group;
        for (int filter = 0; filter < filters.length; filter++) {
            analysis.units.join(filters[filter], input[filter / multiplier]);
        }
        keepGroup(analysis, node, input);
    }

    private static void keepGroup(Analysis analysis, Node node, int[] channels) {
        analysis.rewrite(node, (old, removal) -> old.with("group", Attribute.of((long) removal.count(channels))));
    }

    /** The same place of every group meets the same place of the weight, so groups stay equally large. */
    private static void joinWithinGroups(Analysis analysis, Node node, int[] input, int[] weight, int group) {
        if (input == null || weight == null) {
            analysis.join(node, input, weight);
            return;
        }
        for (int channel = 0; channel < input.length; channel++) {
            analysis.units.join(input[channel], weight[channel % (input.length / group)]);
        }
    }

    private static void joinAcrossGroups(Analysis analysis, int[] channels, int group) {
        for (int channel = 0; channels != null && channel < channels.length; channel++) {
            analysis.units.join(channels[channel], channels[channel % (channels.length / group)]);
        }
    }

    private static int[] repeat(int[] channels, int times) {
        if (channels == null) {
            return null;
        }
        int[] repeated = new int[channels.length * times];
        for (int i = 0; i < repeated.length; i++) {
            repeated[i] = channels[i % channels.length];
        }
        return repeated;
    }

    private static void gemm(Analysis analysis, Node node) {
        int[][] left = analysis.axes(node.input(0));
        int[][] right = analysis.axes(node.input(1));
        boolean flipLeft = node.integer("transA", 0) != 0;
        boolean flipRight = node.integer("transB", 0) != 0;
        analysis.join(node, left[flipLeft ? 0 : 1], right[flipRight ? 1 : 0]);
        int[][] result = {left[flipLeft ? 1 : 0], right[flipRight ? 0 : 1]};
        if (node.hasInput(2)) {
            int[][] bias = analysis.axes(node.input(2));
            for (int fromEnd = 1; fromEnd <= bias.length; fromEnd++) {
                int axis = bias.length - fromEnd;
                if (bias[axis] != null || analysis.size(node.input(2), axis) != 1) {
                    analysis.join(node, bias[axis], result[2 - fromEnd]);
                }
            }
        }
        analysis.set(node.output(), result);
    }

    private static void matMul(Analysis analysis, Node node) {
        int[][] left = analysis.axes(node.input(0));
        int[][] right = analysis.axes(node.input(1));
        if (left.length < 2 || right.length < 2) {
            analysis.unknown(node);
            return;
        }
        analysis.join(node, left[left.length - 1], right[right.length - 2]);
        int[][] batch = ElementwiseRules.broadcast(analysis, node, List.of(node.input(0), node.input(1)), 2);
        if (!analysis.isWeight(node.input(0)) && !analysis.isWeight(node.input(1))) {
            Arrays.stream(batch).filter(axis -> axis != null).forEach(analysis::heads);
        }
        int[][] result = Arrays.copyOf(batch, batch.length + 2);
        result[batch.length] = left[left.length - 2];
        result[batch.length + 1] = right[right.length - 1];
        analysis.set(node.output(), result);
    }
}
