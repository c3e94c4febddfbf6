package pomona.jupyter.magic;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import pomona.pass.NearestNames;
import tech.tablesaw.api.NumericColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.Column;
import tech.tablesaw.plotly.components.Axis;
import tech.tablesaw.plotly.components.Figure;
import tech.tablesaw.plotly.components.Layout;
import tech.tablesaw.plotly.components.Marker;
import tech.tablesaw.plotly.traces.BarTrace;
import tech.tablesaw.plotly.traces.ScatterTrace;
import tech.tablesaw.plotly.traces.ScatterTrace.Mode;
import tech.tablesaw.plotly.traces.Trace;

/** Draws columns of a table; what is not said is chosen by what the columns hold. */
final class TablePlot {

    private static final List<String> KINDS = List.of("points", "line", "bars");

    /** What a comparison is drawn by, the first one it has. */
    private static final List<String> SIZES = List.of(".xz KB", "file KB");

    private static final String ERROR = "error %";

    private final Table table;
    private final Map<String, String> options;

    private TablePlot(Table table, Map<String, String> options) {
        this.table = table;
        this.options = options;
    }

    static Figure of(Table table, Map<String, String> options) {
        return new TablePlot(table, options).figure();
    }

    private Figure figure() {
        Column<?> x = x();
        List<NumericColumn<?>> ys = ys(x);
        String kind = kind(x);
        List<Trace> traces = new ArrayList<>();
        ys.forEach(y -> traces.add(trace(kind, x, y, ys.size() > 1)));
        String log = options.getOrDefault("log", isComparison() && !options.containsKey("x") ? "x" : "");
        if (!List.of("", "x", "y", "xy").contains(log)) {
            throw new IllegalArgumentException("log is " + log + "; it takes one of x, y, xy.");
        }
        String title = options.getOrDefault("title", Objects.toString(table.name(), ""));
        return new Figure(
                Layout.builder(title)
                        .xAxis(axis(x.name(), log.contains("x")))
                        .yAxis(axis(ys.size() == 1 ? ys.get(0).name() : "", log.contains("y")))
                        .build(),
                traces.toArray(Trace[]::new));
    }

    private static Axis axis(String title, boolean log) {
        Axis.AxisBuilder axis = Axis.builder().title(title);
        return log ? axis.type(Axis.Type.LOG).build() : axis.build();
    }

    private Trace trace(String kind, Column<?> x, NumericColumn<?> y, boolean named) {
        String name = named ? y.name() : "";
        if (kind.equals("bars")) {
            return BarTrace.builder(x.asStringColumn(), y).name(name).build();
        }
        boolean line = kind.equals("line");
        Optional<StringColumn> labels = labels().filter(column -> column != x && !line);
        ScatterTrace.ScatterBuilder trace = ScatterTrace.builder(x, y).name(name);
        labels.ifPresent(column -> trace.text(column.asObjectArray()));
        return trace.mode(line ? Mode.LINE : labels.isPresent() ? Mode.TEXT_AND_MARKERS : Mode.MARKERS)
                .marker(Marker.builder().size(line ? 6 : 10).build())
                .build();
    }

    private String kind(Column<?> x) {
        String kind = options.get("kind");
        if (kind != null && !KINDS.contains(kind)) {
            throw new IllegalArgumentException(
                    "kind is " + kind + "; it takes one of " + String.join(", ", KINDS) + ".");
        }
        if (kind != null) {
            return kind;
        } else if (x instanceof StringColumn) {
            return "bars";
        }
        return labels().isPresent() ? "points" : "line";
    }

    private boolean isComparison() {
        return table.containsColumn(ERROR) && SIZES.stream().anyMatch(table::containsColumn);
    }

    private Column<?> x() {
        if (options.containsKey("x")) {
            return column(options.get("x"));
        } else if (isComparison()) {
            return table.column(
                    SIZES.stream().filter(table::containsColumn).findFirst().orElseThrow());
        }
        return labels().<Column<?>>map(column -> column).orElseGet(() -> numbers()
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "The table " + table.name() + " has no column of numbers to draw.")));
    }

    private List<NumericColumn<?>> ys(Column<?> x) {
        if (options.containsKey("y")) {
            return Arrays.stream(options.get("y").split(","))
                    .<NumericColumn<?>>map(name -> number(column(name.strip())))
                    .toList();
        } else if (isComparison() && !ERROR.equals(x.name())) {
            return List.of(number(table.column(ERROR)));
        }
        List<NumericColumn<?>> rest = numbers().filter(column -> column != x).toList();
        if (rest.isEmpty()) {
            throw new IllegalArgumentException(
                    "The table " + table.name() + " has no column of numbers to draw over " + x.name() + ".");
        }
        return x instanceof StringColumn ? rest.subList(0, 1) : rest;
    }

    private Optional<StringColumn> labels() {
        return table.columns().stream()
                .filter(StringColumn.class::isInstance)
                .map(StringColumn.class::cast)
                .findFirst();
    }

    private Stream<NumericColumn<?>> numbers() {
        return table.columns().stream().filter(NumericColumn.class::isInstance).map(column ->
                (NumericColumn<?>) column);
    }

    private Column<?> column(String name) {
        return table.columns().stream()
                .filter(column -> column.name().equalsIgnoreCase(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "The table has no column " + name + NearestNames.suggest(name, table.columnNames())));
    }

    private static NumericColumn<?> number(Column<?> column) {
        if (column instanceof NumericColumn<?> numbers) {
            return numbers;
        }
        throw new IllegalArgumentException("Column " + column.name() + " holds no numbers; --y takes columns that do.");
    }
}
