package pomona.report;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import pomona.evaluate.Evaluation;
import pomona.evaluate.Profile;
import pomona.evaluate.Sensitivity;
import pomona.graph.Network;
import pomona.graph.Step;
import pomona.graph.Tensor;
import pomona.quantize.ActivationHistogram;
import pomona.quantize.LayerSearch;
import pomona.quantize.LayerTimes;
import pomona.quantize.MixedPrecision;
import pomona.quantize.QuantizationProfile;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.plotly.components.Figure;

/**
 * Tables and figures to look at: of networks, of evaluations, of training.
 *
 * <p>KB are 1000 bytes, as in the papers. A value that was not measured is a missing value of the table.
 */
public final class Report {

    private Report() {}

    /** A network layer by layer: output shape, parameters, multiply-accumulates and bytes; the last row is the sum. */
    public static Table profile(Network network) {
        return profile(Profile.of(network));
    }

    /**
     * A network layer by layer as above, with the time that each layer takes on ONNX Runtime: the mean of the middle half of 20 runs.
     *
     * @param feeds a tensor for each input, by name
     */
    public static Table profile(Network network, Map<String, Tensor> feeds) {
        return profile(Profile.measure(network, feeds, 20));
    }

    /** A profile as a table; the last row is the sum. */
    public static Table profile(Profile profile) {
        return ProfileTable.of(profile);
    }

    /**
     * A network before and after pruning, layer by layer: shapes of weights, sparsity, parameters, multiply-accumulates
     * and bytes; the last row is the sum.
     */
    public static Table pruning(Network before, Network after) {
        return PruningTable.of(before, after);
    }

    /**
     * The weights of layers before a pruning, in bins of their values: those that were kept, and those that were removed.
     * Dashed lines mark a threshold where nothing smaller than the largest removed weight was kept: one that all layers
     * share, or each layer's own. Of layers whose shapes changed the removed weights are those that are gone.
     */
    public static Figure pruningHistogram(Network before, Network after) {
        return PruningFigure.of(before, after);
    }

    /**
     * What quantization did to each layer: types of weight and input, range, signal-to-quantization-noise ratio where it was
     * measured, and bytes; the last row is the sum.
     */
    public static Table quantization(QuantizationProfile profile) {
        return QuantizationTable.of(profile, null);
    }

    /** What quantization did to each layer as above, with the time of each layer before and after. */
    public static Table quantization(QuantizationProfile profile, LayerTimes times) {
        return QuantizationTable.of(profile, times);
    }

    /**
     * The networks that a search for layers that are slower as integers timed: which neighbouring layers were changed, and the
     * time in turns with the fastest network until then.
     */
    public static Table races(LayerSearch search) {
        return QuantizationTable.races(search);
    }

    /**
     * The networks that a search for a mix of precisions ran, in its order: how layers are stored, error, size, and the time
     * beside that of the network of floats where it was measured.
     */
    public static Table precisionTrials(MixedPrecision found) {
        return PrecisionTable.trials(found);
    }

    /**
     * What each layer costs and saves when it alone is quantized, scheme by scheme, and what it became.
     *
     * @param before the network that the search was for, whose layers have names
     */
    public static Table precisionLayers(MixedPrecision found, Network before) {
        return PrecisionTable.layers(found, before);
    }

    /**
     * How the inputs of a layer are distributed, on a logarithmic scale, and the range that its integers represent as dashed
     * lines.
     */
    public static Figure activations(ActivationHistogram histogram) {
        return ActivationFigure.of(histogram);
    }

    /** Evaluations one below another: what each network gets wrong, and what it costs. */
    public static Table compare(Evaluation... evaluations) {
        return compare(List.of(evaluations));
    }

    /** Evaluations one below another: what each network gets wrong, and what it costs. */
    public static Table compare(Collection<Evaluation> evaluations) {
        return ComparisonTable.of(List.copyOf(evaluations));
    }

    /** The steps that made a network, oldest first. */
    public static Table provenance(Network network) {
        IntColumn number = IntColumn.create("step");
        StringColumn technique = StringColumn.create("technique");
        StringColumn options = StringColumn.create("options");
        for (Step step : network.provenance()) {
            number.append(number.size() + 1);
            technique.append(step.name());
            String text = step.toString();
            options.append(text.substring(step.name().length() + 1, text.length() - 1));
        }
        return Table.create("provenance of " + network.name(), number, technique, options);
    }

    /** The error, or what else was measured, with each layer changed alone, a row for each layer and a column for each level. */
    public static Table sensitivity(Sensitivity scan) {
        return SensitivityTable.of(scan);
    }

    /**
     * The error, or what else was measured, with each layer changed alone: a bar for each layer at one level, a curve for each
     * layer over several; the dashed line is the network as it is.
     */
    public static Figure sensitivityFigure(Sensitivity scan) {
        return SensitivityFigure.of(scan);
    }

    /** How the weights of each layer are distributed; zeros are left out of the curve and counted in the legend. */
    public static Figure weights(Network network) {
        return WeightFigure.of(network);
    }

    /**
     * Curves of training, such as the loss on training and on test data.
     *
     * @param series values after each epoch, by the name of the curve
     */
    public static Figure lossCurve(Map<String, double[]> series) {
        return lossCurve("epoch", series);
    }

    /** One curve of training; the values are those after each epoch. */
    public static Figure lossCurve(String name, double... values) {
        Map<String, double[]> series = new LinkedHashMap<>();
        series.put(name, values);
        return lossCurve(series);
    }

    /**
     * Curves of training over epochs, batches or steps.
     *
     * @param unit what is counted from left to right, from 1 on
     * @param series values by the name of the curve
     */
    public static Figure lossCurve(String unit, Map<String, double[]> series) {
        return CurveFigure.loss(unit, series);
    }

    /** The error of each network against the size of its compressed file; down and to the left is better. */
    public static Figure errorAgainstSize(Evaluation... evaluations) {
        return errorAgainstSize(List.of(evaluations));
    }

    /** The error of each network against the size of its compressed file; down and to the left is better. */
    public static Figure errorAgainstSize(Collection<Evaluation> evaluations) {
        return CurveFigure.errorAgainstSize(List.copyOf(evaluations));
    }

    /**
     * Errors against how many weights pruning left; down and to the left is better.
     *
     * @param series errors in percent by the percentage of weights that are left, by the name of the curve; each curve is
     *     drawn in the order that it is given in
     */
    public static Figure errorAgainstDensity(Map<String, ? extends Map<Double, Double>> series) {
        return CurveFigure.errorAgainstDensity(series);
    }
}
