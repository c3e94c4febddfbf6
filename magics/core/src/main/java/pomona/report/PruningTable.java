package pomona.report;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import pomona.evaluate.Profile;
import pomona.evaluate.Profile.Layer;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** A network before and after pruning, layer by layer, with the sums as its last row. */
final class PruningTable {

    /** What a layer takes. */
    private record Size(long parameters, long nonZeros, long macs, long bytes) {

        static final Size NOTHING = new Size(0, 0, 0, 0);

        static Size of(Layer layer) {
            return new Size(layer.parameters(), layer.nonZeros(), layer.macs(), layer.bytes());
        }

        static Size of(Profile profile) {
            return new Size(profile.parameters(), profile.nonZeros(), profile.macs(), profile.bytes());
        }

        double sparsity() {
            return parameters == 0 ? Double.NaN : 100.0 * (parameters - nonZeros) / parameters;
        }
    }

    /** A layer on both sides, with the shapes of its weights. */
    private record Row(String name, Size before, Size after, String shapeBefore, String shapeAfter) {}

    private PruningTable() {}

    static Table of(Network before, Network after) {
        List<Row> rows = rows(before, after);
        StringColumn names = StringColumn.create("layer");
        StringColumn shapesBefore = StringColumn.create("weight before");
        StringColumn shapesAfter = StringColumn.create("weight after");
        for (Row row : rows) {
            names.append(row.name());
            shapesBefore.append(row.shapeBefore());
            shapesAfter.append(row.shapeAfter());
        }
        return Table.create(
                "pruning of " + before.name(),
                names,
                shapesBefore,
                shapesAfter,
                Columns.decimals("sparsity %", 1, rows, row -> row.after().sparsity()),
                Columns.counts("parameters before", rows, row -> row.before().parameters()),
                Columns.counts("parameters after", rows, row -> row.after().parameters()),
                Columns.counts("MACs before", rows, row -> row.before().macs()),
                Columns.counts("MACs after", rows, row -> row.after().macs()),
                Columns.counts("bytes before", rows, row -> row.before().bytes()),
                Columns.counts("bytes after", rows, row -> row.after().bytes()));
    }

    private static List<Row> rows(Network before, Network after) {
        Profile profileBefore = Profile.of(before);
        Profile profileAfter = Profile.of(after);
        Map<String, Layer> layersAfter = new HashMap<>();
        profileAfter.layers().forEach(layer -> layersAfter.putIfAbsent(layer.name(), layer));
        List<Row> rows = new ArrayList<>();
        for (Layer layer : profileBefore.layers()) {
            if (layer.parameters() > 0 || layer.macs() != 0) {
                String name = layer.name();
                boolean left = layersAfter.containsKey(name);
                rows.add(new Row(
                        name,
                        Size.of(layer),
                        left ? Size.of(layersAfter.get(name)) : Size.NOTHING,
                        shapes(before, name),
                        left ? shapes(after, name) : "removed"));
            }
        }
        rows.add(new Row("total", Size.of(profileBefore), Size.of(profileAfter), "", ""));
        return rows;
    }

    /** The different shapes of a layer's weights; a layer of several operators is named by what their names begin with. */
    private static String shapes(Network network, String layer) {
        return LayerWeight.of(network).stream()
                .filter(weight -> isIn(layer, weight.node().label()))
                .map(weight -> LongStream.of(weight.tensor().shape())
                        .mapToObj(Long::toString)
                        .collect(Collectors.joining(", ", "[", "]")))
                .distinct()
                .collect(Collectors.joining(" "));
    }

    private static boolean isIn(String layer, String node) {
        String whole = dotted(layer);
        String part = dotted(node);
        return part.equals(whole) || part.startsWith(whole + ".");
    }

    private static String dotted(String name) {
        return name.replaceFirst("^/", "").replace('/', '.');
    }
}
