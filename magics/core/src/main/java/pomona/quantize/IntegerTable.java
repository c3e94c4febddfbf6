package pomona.quantize;

import java.util.List;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.FreshNames;
import pomona.graph.LayerWeight;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.graph.TensorStore;

/**
 * A table of signed bytes whose rows are looked up as they are and turned into floats afterwards, so that nobody makes the
 * whole table of floats.
 *
 * @param bytes the name of the bytes
 * @param scale the name of the scales: a column with one for each row, or a scalar
 * @param perRow whether each row has its scale
 */
record IntegerTable(String bytes, String scale, boolean perRow) {

    /** Puts the bytes and scales of a table into a network in the place of its floats. */
    static IntegerTable of(
            LayerWeight table, boolean perRow, TensorStore store, NetworkBuilder builder, FreshNames names) {
        ChannelScales channels = ChannelScales.along(perRow ? 0 : -1, table.tensor());
        float[] scales = WeightOnlyQuantization.finiteScales(table, channels);
        IntegerTable stored =
                new IntegerTable(names.value(table.name() + ".int8"), names.value(table.name() + ".scale"), perRow);
        builder.removeWeight(table.name())
                .weight(stored.bytes(), channels.quantize(scales, store))
                .weight(stored.scale(), perRow ? Tensor.ofFloats(scales, scales.length, 1) : Tensor.scalar(scales[0]));
        return stored;
    }

    /** What does as the Gather of the table of floats did. */
    List<Node> lookUp(Node gather, FreshNames names) {
        String output = gather.output();
        String rows = names.value(output + ".int8");
        String floats = names.value(output + ".cast");
        Node look = gather.withInputs(List.of(bytes, gather.input(1))).withOutputs(List.of(rows));
        Node cast = Node.of("Cast", names.node(floats), List.of(rows), floats)
                .with("to", Attribute.of(ElementType.FLOAT.code()));
        String factor = perRow ? names.value(output + ".scale") : scale;
        Node times = Node.of("Mul", names.node(output + ".rescale"), List.of(floats, factor), output);
        return perRow
                ? List.of(
                        look,
                        cast,
                        Node.of("Gather", names.node(factor), List.of(scale, gather.input(1)), factor),
                        times)
                : List.of(look, cast, times);
    }
}
