package pomona.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Shape rules of recurrent layers: RNN, GRU and LSTM. */
final class RecurrentShapes {

    private RecurrentShapes() {}

    static void register(Map<String, ShapeRule> rules) {
        for (String op : List.of("RNN", "GRU", "LSTM")) {
            rules.put(op, RecurrentShapes::recurrent);
        }
    }

    /** Y is all hidden states, Y_h the last one, Y_c the last cell state of an LSTM. */
    private static List<ValueType> recurrent(ShapeContext context) {
        Node node = context.node();
        boolean batchFirst = node.integer("layout", 0) != 0;
        Dimension first = context.dim(0, 0);
        Dimension second = context.dim(0, 1);
        Dimension batch = batchFirst ? first : second;
        Dimension sequence = batchFirst ? second : first;
        long size = node.integer("hidden_size", -1);
        Dimension hidden = size > 0 ? Dimension.of(size) : context.dim(2, 2);
        Dimension directions = Dimension.of(node.text("direction", "forward").equals("bidirectional") ? 2 : 1);
        List<Dimension> all = batchFirst
                ? List.of(batch, sequence, directions, hidden)
                : List.of(sequence, directions, batch, hidden);
        List<Dimension> last = batchFirst ? List.of(batch, directions, hidden) : List.of(directions, batch, hidden);
        List<ValueType> types =
                new ArrayList<>(List.of(new ValueType(context.type(0), all), new ValueType(context.type(0), last)));
        types.add(new ValueType(context.type(0), last));
        return types;
    }
}
