package pomona.jupyter.magic;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import pomona.evaluate.MeasuredRecords;
import pomona.evaluate.SampleFeeds;
import pomona.evaluate.Tradeoff;
import pomona.graph.Network;
import pomona.graph.Step;
import pomona.graph.Tensor;
import pomona.quantize.ActivationHistogram;
import pomona.quantize.LayerTimes;
import pomona.quantize.QuantizationProfile;
import pomona.quantize.QuantizedLayer;
import pomona.report.Report;

/**
 * Quantizes a network, and shows layer by layer what it did, how the inputs of its least exact layer lie in their range,
 * and in one line what it gained and cost.
 */
final class QuantizeMagic extends PassMagic {

    private static final String DATA = "data";
    private static final String SAMPLES = "samples";
    private static final String MASK = "mask";

    /** Records to compare what layers give on, and to count errors on when the line does not say how many. */
    private static final int COMPARED = 64;

    private static final int COUNTED = 512;

    private static final int TIMED_RUNS = 20;

    /** Larger networks are not run just to be shown. */
    private static final long LARGEST_RUN = 1L << 30;

    /** What the line may say instead, where the technique is called a scheme and its range a method. */
    private static final Map<String, String> SCHEME_WORDS =
            Map.of("--scheme", "--method", "--method", "--calibration", "--calibrate", "--data");

    QuantizeMagic(Session session) {
        super(session, "quantize", "quantize", "Stores and computes with fewer bits.");
    }

    /** {@code --scheme static --calibrate data --method entropy} is another way to write a line. */
    @Override
    List<String> words(List<String> given) {
        boolean scheme = given.stream().anyMatch(word -> word.equals("--scheme") || word.startsWith("--scheme="));
        List<String> words = new ArrayList<>();
        for (String word : given) {
            int end = word.indexOf('=');
            String option = end < 0 ? word : word.substring(0, end);
            boolean other = scheme || option.equals("--calibrate");
            words.add(other ? SCHEME_WORDS.getOrDefault(option, option) + word.substring(option.length()) : word);
        }
        return words;
    }

    @Override
    void show(Network before, Network after, Map<String, Object> options) {
        Object name = options.get(DATA);
        RandomAccessDataset data = name == null ? null : value(name.toString(), RandomAccessDataset.class);
        long bytes = before.weights().values().stream().mapToLong(Tensor::bytes).sum();
        if (bytes > LARGEST_RUN) {
            session.display(Report.quantization(QuantizationProfile.of(before, after)));
            return;
        }
        try {
            measure(before, after, data == null ? null : records(data, options));
        } catch (IllegalArgumentException e) {
            session.display(Report.quantization(QuantizationProfile.of(before, after)));
            session.display("Not measured: " + e.getMessage());
        }
    }

    /** @param records what to measure on, or null */
    private void measure(Network before, Network after, MeasuredRecords records) {
        Map<String, Tensor> feeds = records == null ? SampleFeeds.of(before) : SampleFeeds.of(before, records.data());
        QuantizationProfile profile = records == null
                ? QuantizationProfile.of(before, after)
                : QuantizationProfile.of(before, after, records.head(COMPARED));
        LayerTimes times = LayerTimes.measure(before, after, feeds, TIMED_RUNS);
        Tradeoff tradeoff = records == null
                ? Tradeoff.of(before, after, feeds)
                : Tradeoff.of(before, after, records.data(), records.count());
        session.display(Report.quantization(profile, times));
        if (records != null) {
            profile.layers().stream()
                    .filter(layer -> !Float.isNaN(layer.min()))
                    .filter(layer -> !Double.isNaN(layer.sqnr()))
                    .min(Comparator.comparing(QuantizedLayer::sqnr))
                    .ifPresent(worst -> session.display(Report.activations(
                            ActivationHistogram.of(before, after, worst.layer(), records.head(COMPARED)))));
        }
        session.display(tradeoff);
        caution(after).ifPresent(session::display);
    }

    /** What the last step says to try, as a sentence. */
    private static Optional<String> caution(Network after) {
        Step last = after.provenance().get(after.provenance().size() - 1);
        return Optional.ofNullable(last.options().get("caution"))
                .map(text -> text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1) + ".");
    }

    private static MeasuredRecords records(RandomAccessDataset data, Map<String, Object> options) {
        Object samples = options.get(SAMPLES);
        Object mask = options.get(MASK);
        return new MeasuredRecords(
                data,
                samples == null ? COUNTED : Integer.parseInt(samples.toString()),
                mask == null ? "" : mask.toString());
    }
}
