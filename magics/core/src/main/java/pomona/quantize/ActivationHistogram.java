package pomona.quantize;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.Arrays;
import java.util.List;
import pomona.evaluate.Activations;
import pomona.evaluate.MeasuredRecords;
import pomona.graph.Network;

/**
 * How the inputs of one quantized layer are distributed on data, and which part of them its integers represent.
 *
 * @param layer the layer's name
 * @param value the name of the input in the network of floats; where the scheme rescaled channels, of what is quantized in
 *     the quantized network
 * @param observedMin the smallest input seen
 * @param observedMax the largest input seen
 * @param rangeMin the smallest input that the integers represent; NaN when the range is not fixed beforehand
 * @param rangeMax the largest input that the integers represent; NaN when the range is not fixed beforehand
 * @param from the lower edge of the first bin
 * @param to the upper edge of the last bin
 * @param counts how many inputs lie in each of the bins, which are of the same width
 */
public record ActivationHistogram(
        String layer,
        String value,
        double observedMin,
        double observedMax,
        double rangeMin,
        double rangeMax,
        double from,
        double to,
        List<Long> counts) {

    /** At most so many bins, enough for a picture. */
    private static final int BINS = 200;

    public ActivationHistogram {
        counts = List.copyOf(counts);
    }

    /**
     * Runs the network of floats on data and counts the inputs of one of its layers. Where the scheme rescaled channels, the
     * range is one of rescaled inputs, and the quantized network is run instead.
     *
     * @param before the network of floats
     * @param after what quantization made of it
     * @param layer a name out of {@link QuantizationProfile#layers()}
     * @param data records to run
     * @param records how many of them, 1 or more
     * @throws IllegalArgumentException if there is no such layer, or the data does not fit the network
     */
    public static ActivationHistogram of(
            Network before, Network after, String layer, RandomAccessDataset data, int records) {
        return of(before, after, layer, new MeasuredRecords(data, records));
    }

    /**
     * Runs the network of floats on data and counts the inputs of one of its layers where records are not padded.
     *
     * @throws IllegalArgumentException if there is no such layer, the data does not fit the network, an input is not
     *     finite, or the network does not take the mask
     */
    public static ActivationHistogram of(Network before, Network after, String layer, MeasuredRecords records) {
        QuantizedLayers layers = new QuantizedLayers(before, after);
        QuantizedLayer quantized = layers.layer(layer);
        String scaled = LayerComparison.isRescaled(before, after) && !Float.isNaN(quantized.min())
                ? layers.quantizedInput(layer)
                : null;
        String value = scaled == null ? layers.input(layer) : scaled;
        Network run = scaled == null ? before : after;
        RunningHistogram histogram = new RunningHistogram();
        float[] observed = {Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY};
        Activations.forEachFinite("histogram of " + layer, "compare", run, List.of(value), records, (name, tensor) -> {
            float[] values = tensor.toFloatArray();
            histogram.add(values);
            for (float one : values) {
                observed[0] = Math.min(observed[0], one);
                observed[1] = Math.max(observed[1], one);
            }
        });
        return of(quantized, value, observed[0], observed[1], histogram);
    }

    private static ActivationHistogram of(
            QuantizedLayer layer, String value, float min, float max, RunningHistogram histogram) {
        long[] all = histogram.counts();
        int first = 0;
        int end = all.length;
        while (first < end - 1 && all[first] == 0) {
            first++;
        }
        while (end > first + 1 && all[end - 1] == 0) {
            end--;
        }
        int width = Math.max(1, (end - first + BINS - 1) / BINS);
        long[] counts = new long[(end - first + width - 1) / width];
        for (int bin = first; bin < end; bin++) {
            counts[(bin - first) / width] += all[bin];
        }
        return new ActivationHistogram(
                layer.layer(),
                value,
                min,
                max,
                layer.min(),
                layer.max(),
                histogram.edge(first),
                histogram.edge(first + counts.length * width),
                Arrays.stream(counts).boxed().toList());
    }

    /** The share of inputs that lie in bins beyond the range and are cut, 0 to 1; 0 when the range is not fixed. */
    public double cutShare() {
        long total = 0;
        long cut = 0;
        double width = (to - from) / counts.size();
        for (int i = 0; i < counts.size(); i++) {
            total += counts.get(i);
            boolean beyond = from + i * width >= rangeMax || from + (i + 1) * width <= rangeMin;
            cut += beyond ? counts.get(i) : 0;
        }
        return total == 0 ? 0 : (double) cut / total;
    }
}
