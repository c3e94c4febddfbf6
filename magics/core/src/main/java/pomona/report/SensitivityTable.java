package pomona.report;

import pomona.evaluate.Sensitivity;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** A sensitivity scan as a table of errors. */
final class SensitivityTable {

    private SensitivityTable() {}

    static Table of(Sensitivity scan) {
        Table table = Table.create("sensitivity of " + scan.network());
        table.addColumns(StringColumn.create("layer", scan.layers()));
        int digits = scan.quantity().equals("error %") ? 2 : 6;
        table.addColumns(
                Columns.decimals(scan.quantity() + " as it is", digits, scan.layers(), layer -> scan.baseline()));
        for (double level : scan.levels()) {
            table.addColumns(Columns.decimals("at " + level, digits, scan.layers(), layer -> scan.error(layer, level)));
        }
        return table;
    }
}
