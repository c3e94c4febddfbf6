package pomona.structure;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import pomona.graph.Dimension;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Opaque;
import pomona.graph.ShapeInference;
import pomona.graph.Tensor;
import pomona.graph.Value;
import pomona.simplify.DeadNodeElimination;

/** Cuts channels out of weights, rewrites operators, and checks that the result fits together. */
final class Surgery {

    private final Analysis analysis;
    private final NetworkBuilder builder;
    private final Removal removal;

    Surgery(Analysis analysis, BitSet gone) {
        this.analysis = analysis;
        this.builder = analysis.network.toBuilder();
        this.removal = new Removal(analysis.units, gone, builder);
    }

    Network network() {
        for (Map.Entry<String, Tensor> weight : analysis.network.weights().entrySet()) {
            int[][] axes = analysis.allAxes().get(weight.getKey());
            if (axes != null && removal.changes(axes)) {
                builder.weight(weight.getKey(), cut(weight.getKey(), weight.getValue(), axes));
            }
        }
        List<Node> nodes = new ArrayList<>();
        for (Node node : analysis.network.nodes()) {
            Rewrite rewrite = analysis.rewrite(node);
            nodes.add(rewrite == null || !concerns(node) ? node : rewrite.apply(node, removal));
        }
        builder.nodes(nodes).values(values());
        // Constants of shapes that were replaced, and operators that computed them, are not needed any more.
        Network cut = new DeadNodeElimination().transform(builder.build());
        check(cut);
        return cut;
    }

    private Tensor cut(String name, Tensor weight, int[][] axes) {
        Tensor cut = weight;
        for (int axis = 0; axis < axes.length; axis++) {
            if (removal.changes(axes[axis])) {
                int[] kept = removal.kept(axes[axis]);
                if (kept.length == 0) {
                    throw new IllegalArgumentException("Weight " + name + " of network " + analysis.network.name()
                            + " would lose all " + axes[axis].length + " channels of axis " + axis
                            + "; at least one stays.");
                }
                cut = Picking.of(cut, axis, kept);
            }
        }
        return cut;
    }

    private boolean concerns(Node node) {
        return touches(node.inputs()) || touches(node.outputs());
    }

    private boolean touches(List<String> values) {
        for (String value : values) {
            int[][] axes = analysis.allAxes().get(value);
            if (axes != null && removal.changes(axes)) {
                return true;
            }
        }
        return false;
    }

    /** What the file says of values inside, with the sizes they have now. */
    private List<Value> values() {
        List<Value> values = new ArrayList<>();
        for (Value value : analysis.network.graph().values()) {
            int[][] axes = analysis.allAxes().get(value.name());
            boolean changes = axes != null && removal.changes(axes) && value.shape() != null;
            if (!changes) {
                values.add(value);
            } else if (value.shape().size() == axes.length) {
                List<Dimension> shape = new ArrayList<>(value.shape());
                for (int axis = 0; axis < axes.length; axis++) {
                    if (removal.changes(axes[axis])) {
                        shape.set(axis, Dimension.of(removal.count(axes[axis])));
                    }
                }
                values.add(new Value(value.name(), value.type(), shape, Opaque.NONE));
            }
        }
        return values;
    }

    /** Every value has the size that its channels say; anything else is an error of a rule, and named. */
    private void check(Network cut) {
        Map<String, Value> inferred = ShapeInference.of(cut);
        for (Node node : cut.nodes()) {
            for (String output : node.outputs()) {
                int[][] axes = analysis.allAxes().get(output);
                Value value = inferred.get(output);
                List<Dimension> shape = value == null ? null : value.shape();
                if (axes == null || shape == null || shape.size() != axes.length) {
                    continue;
                }
                for (int axis = 0; axis < axes.length; axis++) {
                    long size = shape.get(axis).size();
                    boolean known = axes[axis] != null && size >= 0;
                    if (known && size != removal.count(axes[axis])) {
                        throw new IllegalArgumentException("Operator " + node.label() + " of network " + cut.name()
                                + " would give " + value + " where " + removal.count(axes[axis])
                                + " channels are left; choose layers so that it keeps its channels.");
                    }
                }
            }
        }
    }
}
