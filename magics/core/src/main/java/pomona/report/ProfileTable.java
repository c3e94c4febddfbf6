package pomona.report;

import java.util.ArrayList;
import java.util.List;
import pomona.evaluate.Profile;
import pomona.evaluate.Profile.Layer;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** A profile as a table, with the sum as its last row. */
final class ProfileTable {

    private ProfileTable() {}

    static Table of(Profile profile) {
        List<Layer> rows = new ArrayList<>(profile.layers());
        rows.add(new Layer(
                "total",
                "",
                List.of(),
                profile.parameters(),
                profile.nonZeros(),
                profile.macs(),
                profile.bytes(),
                profile.activationBytes(),
                profile.microseconds()));
        StringColumn names = StringColumn.create("layer");
        StringColumn operators = StringColumn.create("operator");
        StringColumn shapes = StringColumn.create("output");
        for (Layer row : rows) {
            boolean sum = row == rows.get(rows.size() - 1);
            names.append(row.name());
            operators.append(row.operator());
            shapes.append(sum ? "" : row.shapeText());
        }
        Table table = Table.create(
                ("profile of " + profile.network() + " " + profile.sizesText()).strip(),
                names,
                operators,
                shapes,
                Columns.counts("parameters", rows, Layer::parameters),
                Columns.counts("non-zeros", rows, Layer::nonZeros),
                Columns.decimals("zero %", 1, rows, layer -> 100 * layer.sparsity()),
                Columns.counts("MACs", rows, Layer::macs),
                Columns.counts("bytes", rows, Layer::bytes),
                Columns.counts("activation bytes", rows, Layer::activationBytes));
        if (profile.isMeasured()) {
            double all = profile.microseconds();
            table.addColumns(
                    Columns.decimals("µs", 1, rows, Layer::microseconds),
                    Columns.decimals("time %", 1, rows, layer -> 100 * layer.microseconds() / all));
        }
        return table;
    }
}
