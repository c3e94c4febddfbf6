package pomona.report;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToLongFunction;
import pomona.graph.ElementType;
import pomona.quantize.LayerRace;
import pomona.quantize.LayerSearch;
import pomona.quantize.LayerTimes;
import pomona.quantize.QuantizationProfile;
import pomona.quantize.QuantizedLayer;
import pomona.quantize.WeightCode;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * What quantization did to each layer. Then come what belongs to none of them and the sums, which are those of the whole
 * network. Columns of what nobody measured are left out.
 */
final class QuantizationTable {

    private static final String REST = "(rest)";

    private QuantizationTable() {}

    static Table of(QuantizationProfile profile, LayerTimes times) {
        List<QuantizedLayer> layers = profile.layers();
        Table table = Table.create("quantization of " + profile.before());
        StringColumn names = StringColumn.create("layer");
        StringColumn schemes = StringColumn.create("scheme");
        StringColumn weights = StringColumn.create("weight");
        StringColumn inputs = StringColumn.create("input");
        for (QuantizedLayer layer : layers) {
            names.append(layer.layer());
            schemes.append(layer.scheme());
            weights.append(weight(layer));
            inputs.append(input(layer));
        }
        table.addColumns(names.append(REST).append("total"), twoMore(schemes), twoMore(weights), twoMore(inputs));
        addReasons(table, "spared because", layers, profile.spared(), false);
        addReasons(table, "16 bits because", layers, profile.spared(), true);
        if (!profile.search().alone().isEmpty()) {
            table.addColumns(alone(layers, profile.search().alone()));
        }
        if (layers.stream().anyMatch(layer -> !Float.isNaN(layer.min()))) {
            table.addColumns(ranges(layers));
        }
        if (layers.stream().anyMatch(layer -> !Double.isNaN(layer.sqnr()))) {
            table.addColumns(ratios(layers));
        }
        table.addColumns(
                bytes("bytes before", layers, QuantizedLayer::bytesBefore, profile.bytesBefore()),
                bytes("bytes after", layers, QuantizedLayer::bytesAfter, profile.bytesAfter()));
        if (times != null) {
            table.addColumns(
                    micros("\u00b5s before", layers, times.before(), times.allBefore()),
                    micros("\u00b5s after", layers, times.after(), times.allAfter()));
        }
        return table;
    }

    /** Why layers are as they are, of those whose inputs have 16 bits or of the others; no column where there are none. */
    private static void addReasons(
            Table table, String heading, List<QuantizedLayer> layers, Map<String, String> reasons, boolean wide) {
        StringColumn column = StringColumn.create(heading);
        layers.forEach(layer -> column.append(isWide(layer) == wide ? reasons.getOrDefault(layer.layer(), "") : ""));
        if (column.asList().stream().anyMatch(reason -> !reason.isEmpty())) {
            table.addColumns(twoMore(column));
        }
    }

    private static boolean isWide(QuantizedLayer layer) {
        return layer.activation() == ElementType.UINT16 || layer.activation() == ElementType.INT16;
    }

    private static StringColumn twoMore(StringColumn column) {
        return column.append("").append("");
    }

    /** What decided which layers are spared; a layer without noise has no finite ratio, and shows none. */
    private static DoubleColumn alone(List<QuantizedLayer> layers, Map<String, Double> ratios) {
        return Columns.decimals("outputs' dB, it alone", 1, layers, layer -> {
                    double ratio = ratios.getOrDefault(layer.layer(), Double.NaN);
                    return Double.isInfinite(ratio) ? Double.NaN : ratio;
                })
                .appendMissing()
                .appendMissing();
    }

    /** A row for each network that was timed in a search for layers that are slower as integers. */
    static Table races(LayerSearch search) {
        StringColumn first = StringColumn.create("first layer");
        StringColumn last = StringColumn.create("last layer");
        StringColumn change = StringColumn.create("changed to");
        StringColumn verdict = StringColumn.create("verdict");
        for (LayerRace race : search.races()) {
            first.append(race.first());
            last.append(race.last());
            change.append(race.inFloat() ? "float" : "integers");
            verdict.append(race.won() ? "faster, kept" : "not faster");
        }
        return Table.create(
                "neighbouring layers, timed in turns",
                first,
                last,
                change,
                Columns.decimals("\u00b5s", 1, search.races(), LayerRace::micros),
                Columns.decimals("\u00b5s of the fastest before", 1, search.races(), LayerRace::microsBefore),
                verdict);
    }

    private static String name(ElementType type) {
        return type == ElementType.FLOAT ? "float" : type.name().toLowerCase(Locale.ROOT);
    }

    /**
     * For example {@code int8}, {@code int8, 4 bits}, {@code uint4, blocks of 32}, {@code codebook of 32}, or {@code float, 4-bit
     * levels} of rounded weights that are stored as floats.
     */
    private static String weight(QuantizedLayer layer) {
        WeightCode code = layer.code();
        if (code.codebook() > 0) {
            return "codebook of " + code.codebook();
        }
        if (layer.weight() == ElementType.FLOAT && code.bits() > 0) {
            return "float, " + code.bits() + "-bit levels";
        }
        boolean fewer = code.bits() > 0 && code.bits() < layer.weight().bits();
        return name(layer.weight())
                + (fewer ? ", " + code.bits() + (code.bits() == 1 ? " bit" : " bits") : "")
                + (code.block() > 0 ? ", blocks of " + code.block() : "");
    }

    private static String input(QuantizedLayer layer) {
        ElementType type = layer.activation();
        if (type == null) {
            return "float";
        }
        if (type.isFloating()) {
            return name(type);
        }
        boolean fewer = layer.activationBits() < type.bits();
        return name(type)
                + (fewer ? ", " + layer.activationBits() + (layer.activationBits() == 1 ? " bit" : " bits") : "")
                + (Float.isNaN(layer.scale()) ? ", at run time" : "");
    }

    private static StringColumn ranges(List<QuantizedLayer> layers) {
        StringColumn column = StringColumn.create("range of input");
        for (QuantizedLayer layer : layers) {
            column.append(
                    Float.isNaN(layer.min())
                            ? ""
                            : String.format(Locale.ROOT, "%.3g to %.3g", layer.min(), layer.max()));
        }
        return twoMore(column);
    }

    /** A layer without error has no finite ratio, and shows none. */
    private static DoubleColumn ratios(List<QuantizedLayer> layers) {
        DoubleColumn column = Columns.decimals(
                "SQNR dB", 1, layers, layer -> Double.isInfinite(layer.sqnr()) ? Double.NaN : layer.sqnr());
        return column.appendMissing().appendMissing();
    }

    private static LongColumn bytes(
            String name, List<QuantizedLayer> layers, ToLongFunction<QuantizedLayer> value, long all) {
        LongColumn column = Columns.counts(name, layers, value);
        return column.append(all - (long) column.sum()).append(all);
    }

    private static DoubleColumn micros(
            String name, List<QuantizedLayer> layers, Map<String, Double> times, double all) {
        DoubleColumn column = Columns.decimals(name, 1, layers, layer -> times.getOrDefault(layer.layer(), Double.NaN));
        return column.append(Math.max(0, all - column.sum())).append(all);
    }
}
