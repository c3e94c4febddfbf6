package pomona.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Shape rules of losses and optimizers. */
final class TrainingShapes {

    private static final String TRAINING = "ai.onnx.preview.training:";

    private TrainingShapes() {}

    static void register(Map<String, ShapeRule> rules) {
        rules.put("NegativeLogLikelihoodLoss", ShapeRule.one(c -> new ValueType(c.type(0), loss(c))));
        rules.put(
                "SoftmaxCrossEntropyLoss",
                c -> List.of(new ValueType(c.type(0), loss(c)), new ValueType(c.type(0), c.shape(0))));
        rules.put(TRAINING + "Adagrad", c -> updated(c, 2, 3));
        rules.put(TRAINING + "Adam", c -> updated(c, 3, 4));
        rules.put(TRAINING + "Momentum", c -> updated(c, 2, 3));
    }

    private static List<Dimension> loss(ShapeContext context) {
        return context.node().text("reduction", "mean").equals("none") ? context.shape(1) : List.of();
    }

    /**
     * Weights and moments come out as they went in, gradients do not come out: after rate and count there are first all
     * weights, then all gradients, then the moments.
     *
     * @param outputKinds how many kinds of tensors come out
     * @param inputKinds how many kinds go in
     */
    private static List<ValueType> updated(ShapeContext context, int outputKinds, int inputKinds) {
        int count = (context.node().inputs().size() - 2) / inputKinds;
        List<ValueType> types = new ArrayList<>();
        for (int kind = 0; kind < outputKinds; kind++) {
            for (int i = 0; i < count; i++) {
                int place = 2 + (kind == 0 ? i : (kind + 1) * count + i);
                types.add(new ValueType(context.type(place), context.shape(place)));
            }
        }
        return types;
    }
}
