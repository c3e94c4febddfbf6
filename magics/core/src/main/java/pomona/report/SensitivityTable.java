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
        table.addColumns(Columns.decimals("error % as it is", 2, scan.layers(), layer -> scan.baseline()));
        for (double level : scan.levels()) {
            table.addColumns(Columns.decimals("at " + level, 2, scan.layers(), layer -> scan.error(layer, level)));
        }
        return table;
    }
}
