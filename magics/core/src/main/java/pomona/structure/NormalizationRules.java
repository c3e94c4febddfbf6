package pomona.structure;

import java.util.Map;
import pomona.graph.Attribute;
import pomona.graph.Node;

/** Normalizations, softmax and reductions. */
final class NormalizationRules {

    private NormalizationRules() {}

    static void register(Map<String, Rule> rules) {
        rules.put("BatchNormalization", NormalizationRules::perChannel);
        rules.put("InstanceNormalization", NormalizationRules::perChannel);
        rules.put("LayerNormalization", NormalizationRules::layer);
        rules.put("GroupNormalization", NormalizationRules::group);
        for (String op : new String[] {"Softmax", "LogSoftmax", "Hardmax"}) {
            rules.put(op, NormalizationRules::softmax);
        }
        for (String op : new String[] {
            "ReduceMean",
            "ReduceSum",
            "ReduceMax",
            "ReduceMin",
            "ReduceProd",
            "ReduceL1",
            "ReduceL2",
            "ReduceSumSquare",
            "ReduceLogSum",
            "ReduceLogSumExp"
        }) {
            rules.put(op, NormalizationRules::reduce);
        }
        rules.put("ArgMax", NormalizationRules::argument);
        rules.put("ArgMin", NormalizationRules::argument);
    }

    private static void perChannel(Analysis analysis, Node node) {
        int[][] input = analysis.axes(node.input(0));
        for (int parameter = 1; parameter < node.inputs().size(); parameter++) {
            analysis.join(node, input[1], analysis.axes(node.input(parameter))[0]);
        }
        if (node.is("InstanceNormalization")) {
            analysis.fixFrom(node, input, 2);
        }
        analysis.set(node.output(), input);
    }

    /** What stays is normalized over what stays, as Fang et al. do. */
    private static void layer(Analysis analysis, Node node) {
        int[][] input = analysis.axes(node.input(0));
        int first = axis(node, -1, input.length);
        for (int parameter = 1; parameter < node.inputs().size(); parameter++) {
            int[][] learned = analysis.axes(node.input(parameter));
            for (int fromEnd = 1; fromEnd <= learned.length; fromEnd++) {
                int[] channels = learned[learned.length - fromEnd];
                if (channels != null) {
                    analysis.join(node, input[input.length - fromEnd], channels);
                }
            }
        }
        for (int axis = first; axis < input.length; axis++) {
            analysis.statistics(input[axis]);
        }
        analysis.set(node.output(), input);
    }

    /** Whole groups go, so that the statistics of the others stay as they are. */
    private static void group(Analysis analysis, Node node) {
        int[][] input = analysis.axes(node.input(0));
        int[] channels = input[1];
        int groups = Math.toIntExact(node.integer("num_groups", 1));
        if (channels == null || groups < 2) {
            analysis.unknown(node);
            return;
        }
        int size = channels.length / groups;
        for (int channel = 0; channel < channels.length; channel++) {
            analysis.units.join(channels[channel], channels[channel / size * size]);
        }
        for (int parameter = 1; parameter < 3; parameter++) {
            int[] learned = analysis.axes(node.input(parameter))[0];
            // One for each group up to operator set 20, one for each channel from 21 on.
            for (int i = 0; learned != null && i < learned.length; i++) {
                analysis.units.join(learned[i], channels[learned.length == groups ? i * size : i]);
            }
        }
        analysis.rewrite(
                node, (old, removal) -> old.with("num_groups", Attribute.of((long) removal.count(channels) / size)));
        analysis.set(node.output(), input);
    }

    private static void softmax(Analysis analysis, Node node) {
        int[][] input = analysis.axes(node.input(0));
        boolean flattens = analysis.network.opset() < 13;
        int first = axis(node, flattens ? 1 : -1, input.length);
        for (int axis = first; axis < (flattens ? input.length : first + 1); axis++) {
            analysis.fix(input[axis], Analysis.across(node));
        }
        analysis.set(node.output(), input);
    }

    private static void reduce(Analysis analysis, Node node) {
        int[][] input = analysis.axes(node.input(0));
        long[] axes = node.integers("axes");
        if (node.hasInput(1)) {
            axes = analysis.integers(node.input(1));
        }
        if (axes == null) {
            analysis.unknown(node);
            return;
        }
        boolean[] reduced = new boolean[input.length];
        for (long axis : axes) {
            reduced[Math.toIntExact(axis < 0 ? axis + input.length : axis)] = true;
        }
        if (axes.length == 0) {
            java.util.Arrays.fill(reduced, node.integer("noop_with_empty_axes", 0) == 0);
        }
        reduceAxes(analysis, node, input, reduced);
    }

    private static void argument(Analysis analysis, Node node) {
        int[][] input = analysis.axes(node.input(0));
        boolean[] reduced = new boolean[input.length];
        reduced[axis(node, 0, input.length)] = true;
        reduceAxes(analysis, node, input, reduced);
    }

    private static void reduceAxes(Analysis analysis, Node node, int[][] input, boolean[] reduced) {
        boolean keep = node.integer("keepdims", 1) != 0;
        java.util.List<int[]> result = new java.util.ArrayList<>();
        for (int axis = 0; axis < input.length; axis++) {
            if (reduced[axis]) {
                analysis.fix(input[axis], Analysis.across(node));
            }
            if (!reduced[axis] || keep) {
                result.add(reduced[axis] ? null : input[axis]);
            }
        }
        analysis.set(node.output(), result.toArray(int[][]::new));
    }

    static int axis(Node node, long defaultValue, int rank) {
        long axis = node.integer("axis", defaultValue);
        return Math.toIntExact(axis < 0 ? axis + rank : axis);
    }
}
