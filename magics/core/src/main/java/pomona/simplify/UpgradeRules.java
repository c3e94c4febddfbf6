package pomona.simplify;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.Node;
import pomona.graph.Tensor;

/**
 * How operators are rewritten that changed between operator sets 7 and 22; those that only learned more types or options
 * stay as they are.
 *
 * <ul>
 *   <li>attributes that became inputs: axes of Squeeze, Unsqueeze and ReduceSum (13) and of the other reductions (18);
 *       sizes of Split (13); starts, ends and axes of Slice (10); k of TopK (10); bounds of Clip (11); amounts and value of
 *       Pad (11); the ratio of Dropout (12); scales of Upsample (9); the axis of DFT (20)
 *   <li>other meanings: Softmax, LogSoftmax and Hardmax, which took the dimensions from the axis on as one (13); places that
 *       Resize and Upsample pick (11) and RoiAlign samples (16)
 *   <li>other names: Scatter (ScatterElements, 11), Upsample (Resize, 10), modes of GridSample (20), the number of parts of
 *       a Split without sizes (18), group by group parameters of GroupNormalization (21)
 *   <li>refused: outputs that are gone (statistics of BatchNormalization, the mask of an old Dropout when it is used), the
 *       attribute spatial of BatchNormalization, Scan of set 8, a Resize whose scales are not constant
 * </ul>
 */
final class UpgradeRules {

    private interface Rule {
        List<Node> apply(Upgrading upgrading);
    }

    private static final Map<String, Rule> RULES = new HashMap<>();

    static {
        axes(13, "Squeeze", "Unsqueeze", "ReduceSum");
        axes(
                18,
                "ReduceMean",
                "ReduceMax",
                "ReduceMin",
                "ReduceProd",
                "ReduceL1",
                "ReduceL2",
                "ReduceLogSum",
                "ReduceLogSumExp",
                "ReduceSumSquare");
        one("Split", UpgradeRules::split);
        one("Slice", UpgradeRules::slice);
        one("TopK", u -> u.crosses(10) ? u.toInput("k", 1) : u);
        one("Clip", UpgradeRules::clip);
        one("Pad", UpgradeRules::pad);
        one("Dropout", UpgradeRules::dropout);
        one("BatchNormalization", UpgradeRules::batchNormalization);
        one("Scatter", u -> u.crosses(11) ? u.with(renamed(u.node(), "ScatterElements")) : u);
        one(
                "RoiAlign",
                u -> u.crosses(16)
                        ? u.with(u.node().with("coordinate_transformation_mode", Attribute.of("output_half_pixel")))
                        : u);
        one("GridSample", UpgradeRules::gridSample);
        one("DFT", UpgradeRules::dft);
        one("Scan", UpgradeRules::scan);
        one("Upsample", UpgradeRules::resize);
        one("Resize", UpgradeRules::resize);
        one("GroupNormalization", UpgradeRules::groupNormalization);
        for (String op : List.of("Softmax", "LogSoftmax", "Hardmax")) {
            RULES.put(op, UpgradeRules::softmax);
        }
    }

    private UpgradeRules() {}

    /** The operators that come in the place of one. */
    static List<Node> apply(Upgrading upgrading) {
        Rule rule =
                upgrading.node().domain().isEmpty() ? RULES.get(upgrading.node().op()) : null;
        return rule == null ? List.of(upgrading.node()) : rule.apply(upgrading);
    }

    private static void one(String op, java.util.function.UnaryOperator<Upgrading> rule) {
        RULES.put(op, upgrading -> List.of(rule.apply(upgrading).node()));
    }

    private static void axes(long opset, String... ops) {
        for (String op : ops) {
            one(op, u -> u.crosses(opset) ? u.toInput("axes", 1) : u);
        }
    }

    private static Node renamed(Node node, String op) {
        return new Node(node.name(), "", op, node.inputs(), node.outputs(), node.attributes(), node.extra());
    }

    private static Upgrading split(Upgrading given) {
        Upgrading u = given.crosses(13) ? given.toInput("split", 1) : given;
        boolean even = u.crosses(18) && !u.node().hasInput(1);
        return even
                ? u.with(u.node().with("num_outputs", Attribute.of((long)
                        u.node().outputs().size())))
                : u;
    }

    private static Upgrading slice(Upgrading u) {
        return u.crosses(10) ? u.toInput("starts", 1).toInput("ends", 2).toInput("axes", 3) : u;
    }

    private static Upgrading clip(Upgrading u) {
        if (!u.crosses(11)) {
            return u;
        }
        return number(number(u, "min", 1), "max", 2);
    }

    /** A number of the type of the first input. */
    private static Upgrading number(Upgrading u, String attribute, int place) {
        if (!(u.node().attributes().get(attribute) instanceof Attribute.Real real)) {
            return u;
        }
        ElementType type = u.type(0);
        if (type != null && type != ElementType.FLOAT && type != ElementType.DOUBLE) {
            throw u.refusal("its " + attribute + " would have to be a constant of "
                    + type.name().toLowerCase(java.util.Locale.ROOT));
        }
        Tensor value = Tensor.scalar(real.value());
        if (type == ElementType.DOUBLE) {
            value = Tensor.of(
                    type,
                    java.nio.ByteBuffer.allocate(8)
                            .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                            .putDouble(real.value())
                            .flip());
        }
        return u.with(u.node().without(attribute))
                .withInput(place, u.constant(u.node().output() + "." + attribute, value));
    }

    private static Upgrading pad(Upgrading u) {
        return u.crosses(11) ? number(u.toInput("pads", 1), "value", 2) : u;
    }

    private static Upgrading dropout(Upgrading given) {
        Upgrading u = given;
        if (u.crosses(10) && u.node().outputs().size() > 1) {
            if (u.taken().contains(u.node().outputs().get(1))) {
                throw u.refusal("its mask is of another type since set 10");
            }
            u = u.with(u.node().withOutputs(List.of(u.node().output())));
        }
        return u.crosses(12) ? u.toInput("ratio", 1) : u;
    }

    private static Upgrading batchNormalization(Upgrading u) {
        if (u.crosses(9) && u.node().integer("spatial", 1) == 0) {
            throw u.refusal("its statistics are those of single elements (spatial=0)");
        }
        if (u.crosses(14)
                && u.node().outputs().stream().filter(o -> !o.isEmpty()).count() > 1) {
            throw u.refusal("it trains, which another form of it does since set 14");
        }
        Node plain = u.crosses(9) ? u.node().without("spatial") : u.node();
        return u.with(u.crosses(14) ? plain.withOutputs(List.of(plain.output())) : plain);
    }

    private static Upgrading gridSample(Upgrading u) {
        String mode = u.node().text("mode", "bilinear");
        String name = mode.equals("bilinear") ? "linear" : mode.equals("bicubic") ? "cubic" : mode;
        return u.crosses(20) ? u.with(u.node().with("mode", Attribute.of(name))) : u;
    }

    private static Upgrading dft(Upgrading u) {
        if (!u.crosses(20)) {
            return u;
        }
        long axis = u.node().integer("axis", 1);
        return u.with(u.node().without("axis"))
                .withInput(2, u.constant(u.node().output() + ".axis", Tensor.scalar(axis)));
    }

    private static Upgrading scan(Upgrading u) {
        if (u.crosses(9)) {
            throw u.refusal("it runs over a batch, which no newer one does");
        }
        return u;
    }

    /** Up to set 10 places are picked without centering, and rounded down (up when the image becomes smaller). */
    private static Upgrading resize(Upgrading given) {
        Upgrading u = given.crosses(10) && given.node().is("Upsample") ? given.toInput("scales", 1) : given;
        if (u.crosses(10)) {
            u = u.with(renamed(u.node(), "Resize"));
        }
        if (u.crosses(11)) {
            return sinceEleven(u);
        }
        boolean removed = u.node().text("coordinate_transformation_mode", "").equals("tf_half_pixel_for_nn");
        if (u.crosses(13) && removed) {
            throw u.refusal("its way to pick places, tf_half_pixel_for_nn, is gone since set 13");
        }
        // An empty tensor of scales beside sizes was a placeholder.
        boolean placeholder = u.crosses(13) && u.node().hasInput(3) && u.node().hasInput(2);
        return placeholder ? u.withInput(2, "") : u;
    }

    private static Upgrading sinceEleven(Upgrading u) {
        String scales = u.node().input(1);
        String rounding = "floor";
        if (u.node().text("mode", "nearest").equals("nearest")) {
            Tensor constant = u.tensor(1);
            if (constant == null) {
                throw u.refusal("its scales are not constant, so that it can not be said how it rounds");
            }
            boolean grows = false;
            boolean shrinks = false;
            for (float scale : constant.toFloatArray()) {
                grows |= scale > 1;
                shrinks |= scale < 1;
            }
            if (grows && shrinks) {
                throw u.refusal("it enlarges one dimension and reduces another, which rounds in two ways");
            }
            rounding = shrinks ? "ceil" : "floor";
        }
        Node node = u.node()
                .withInputs(List.of(u.node().input(0), "", scales))
                .with("coordinate_transformation_mode", Attribute.of("asymmetric"))
                .with("nearest_mode", Attribute.of(rounding));
        // In sets 11 and 12 the region may not be left out.
        return u.to() >= 13
                ? u.with(node)
                : u.with(node).withInput(1, u.constant(node.output() + ".roi", Tensor.ofFloats(new float[0], 0)));
    }

    /** Scale and bias of each group became those of each channel. */
    private static Upgrading groupNormalization(Upgrading u) {
        if (!u.crosses(21)) {
            return u;
        }
        var shape = u.values().apply(u.node().input(0));
        boolean known = shape != null
                && shape.shape() != null
                && shape.shape().get(1).isFixed()
                && u.tensor(1) != null
                && u.tensor(2) != null
                && u.tensor(1).type() == ElementType.FLOAT;
        if (!known) {
            throw u.refusal("its number of channels or its scale is not known");
        }
        Upgrading changed = u;
        for (int place = 1; place <= 2; place++) {
            float[] groups = u.tensor(place).toFloatArray();
            int channels = Math.toIntExact(shape.shape().get(1).size());
            float[] each = new float[channels];
            for (int c = 0; c < channels; c++) {
                each[c] = groups[c / (channels / groups.length)];
            }
            changed = changed.withInput(place, u.constant(u.node().input(place), Tensor.ofFloats(each, channels)));
        }
        return changed;
    }

    /** Up to set 12 the dimensions from the axis on count as one; for the last dimension that is the same. */
    private static List<Node> softmax(Upgrading u) {
        if (!u.crosses(13)) {
            return List.of(u.node());
        }
        Node node = u.node();
        long axis = node.integer("axis", 1);
        int rank = u.rank(0);
        if (axis == -1 || rank >= 0 && axis == rank - 1) {
            return List.of(node.with("axis", Attribute.of(-1)));
        }
        List<Node> nodes = new ArrayList<>();
        String shape = u.names().value(node.output() + ".shape");
        String flat = u.names().value(node.output() + ".flat");
        String soft = u.names().value(node.output() + ".rows");
        nodes.add(Node.of("Shape", u.names().node(shape), List.of(node.input(0)), shape));
        nodes.add(Node.of("Flatten", u.names().node(flat), List.of(node.input(0)), flat)
                .with("axis", Attribute.of(axis)));
        nodes.add(node.withInputs(List.of(flat)).withOutputs(List.of(soft)).with("axis", Attribute.of(-1)));
        nodes.add(Node.of("Reshape", u.names().node(node.output()), List.of(soft, shape), node.output()));
        return nodes;
    }
}
