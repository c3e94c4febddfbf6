package pomona.structure;

import java.util.Map;
import pomona.graph.Attribute;
import pomona.graph.Node;

/** Recurrent layers: a hidden unit is a row in every gate, a column of the recurrence, and a place of the output. */
final class RecurrentRules {

    private RecurrentRules() {}

    static void register(Map<String, Rule> rules) {
        rules.put("LSTM", (analysis, node) -> recurrent(analysis, node, 4));
        rules.put("GRU", (analysis, node) -> recurrent(analysis, node, 3));
        rules.put("RNN", (analysis, node) -> recurrent(analysis, node, 1));
    }

    private static void recurrent(Analysis analysis, Node node, int gates) {
        int[][] recurrence = analysis.axes(node.input(2));
        int[] hidden = recurrence[2];
        if (hidden == null) {
            analysis.unknown(node);
            return;
        }
        int[][] weight = analysis.axes(node.input(1));
        analysis.fix(weight[0], Analysis.across(node));
        analysis.fix(recurrence[0], Analysis.across(node));
        analysis.join(node, analysis.axes(node.input(0))[2], weight[2]);
        joinGates(analysis, weight[1], hidden, gates);
        joinGates(analysis, recurrence[1], hidden, gates);
        joinLast(analysis, node, 3, hidden, 2 * gates);
        joinLast(analysis, node, 7, hidden, 3);
        for (int state = 5; state <= 6; state++) {
            if (node.hasInput(state)) {
                int[][] axes = analysis.axes(node.input(state));
                analysis.fix(axes[0], Analysis.across(node));
                analysis.fix(axes[1], Analysis.across(node));
                analysis.join(node, axes[2], hidden);
            }
        }
        analysis.producer(node.label(), node.input(1), hidden);
        analysis.set(node.output(), null, null, null, hidden);
        for (int output = 1; output < node.outputs().size(); output++) {
            analysis.set(node.outputs().get(output), null, null, hidden);
        }
        analysis.rewrite(node, (old, removal) -> old.with("hidden_size", Attribute.of((long) removal.count(hidden))));
    }

    /** Biases and peepholes, which have directions and then gates. */
    private static void joinLast(Analysis analysis, Node node, int place, int[] hidden, int gates) {
        if (node.hasInput(place)) {
            int[][] axes = analysis.axes(node.input(place));
            analysis.fix(axes[0], Analysis.across(node));
            joinGates(analysis, axes[1], hidden, gates);
        }
    }

    private static void joinGates(Analysis analysis, int[] rows, int[] hidden, int gates) {
        for (int row = 0; row < gates * hidden.length; row++) {
            analysis.units.join(rows[row], hidden[row % hidden.length]);
        }
    }
}
