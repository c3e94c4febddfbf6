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
import pomona.pass.Pass;
import pomona.pass.PassBinding;
import pomona.quantize.ActivationHistogram;
import pomona.quantize.LayerSearch;
import pomona.quantize.LayerTimes;
import pomona.quantize.MixedPrecision;
import pomona.quantize.MixedPrecisionQuantization;
import pomona.quantize.QuantizationProfile;
import pomona.quantize.QuantizedLayer;
import pomona.report.Report;

/**
 * Quantizes a network, and shows layer by layer what it did, how the inputs of its least exact layer lie in their range,
 * and in one line what it gained and cost.
 */
final class QuantizeMagic extends PassMagic {

    private static final String DATA = "data";
    private static final String TEST = "test";
    private static final String SAMPLES = "samples";
    private static final String MASK = "mask";

    /** Records to compare what layers give on, and to count errors on when the line does not say how many. */
    private static final int COMPARED = 64;

    private static final int COUNTED = 512;

    private static final int TIMED_RUNS = 20;

    /** Operators of small networks take few microseconds, which vary more. */
    private static final int TIMED_RUNS_OF_SMALL = 200;

    private static final long SMALL = 4L << 20;

    /** Larger networks are not run just to be shown. */
    private static final long LARGEST_RUN = 1L << 30;

    /** What the line may say instead, where the technique is called a scheme and its range a method. */
    private static final Map<String, String> SCHEME_WORDS =
            Map.of("--scheme", "--method", "--method", "--calibration", "--calibrate", "--data");

    QuantizeMagic(Session session) {
        super(
                session,
                "quantize",
                "quantize",
                "Stores and computes with fewer bits. --scheme static --calibrate DATASET --method entropy is another way to"
                        + " write --method static --data DATASET --calibration entropy.");
    }

    /** {@code --scheme static --calibrate data --method entropy} is another way to write a line. */
    @Override
    List<String> words(List<String> given) {
        boolean scheme = given.stream().anyMatch(word -> word.equals("--scheme") || word.startsWith("--scheme="));
        if (scheme) {
            refuseTwoTechniques(given);
        }
        List<String> words = new ArrayList<>();
        for (String word : given) {
            int end = word.indexOf('=');
            String option = end < 0 ? word : word.substring(0, end);
            boolean other = scheme || option.equals("--calibrate");
            words.add(other ? SCHEME_WORDS.getOrDefault(option, option) + word.substring(option.length()) : word);
        }
        return words;
    }

    /** Beside --scheme, --method is a calibration. */
    private static void refuseTwoTechniques(List<String> given) {
        String words = String.join(" ", given).replace("--method ", "--method=") + " ";
        for (String technique : PassBinding.of("quantize").methods().keySet()) {
            if (words.contains("--method=" + technique + " ")) {
                throw new IllegalArgumentException("%quantize was given --scheme and --method " + technique
                        + "; beside --scheme, --method is how ranges are calibrated, so give --scheme " + technique
                        + " or --method " + technique + " alone.");
            }
        }
    }

    /** Every method can be judged, also one that needs no data itself. */
    @Override
    Map<String, String> ownOptions() {
        return Map.of(
                TEST,
                "data to count errors on before and after, or to compare outputs on where there are no classes; if not"
                        + " given, that of --data");
    }

    /** Of a search for a mix of precisions all that was tried is shown. */
    @Override
    Network apply(Pass pass, Network network) {
        if (!(pass instanceof MixedPrecisionQuantization mixed)) {
            return super.apply(pass, network);
        }
        MixedPrecision found = mixed.search(network);
        session.display(Report.precisionTrials(found));
        session.display(Report.precisionLayers(found, network));
        session.display(network.name() + ": " + found.summary());
        return mixed.recorded(found);
    }

    @Override
    void show(Network before, Network after, Map<String, Object> options) {
        Object name = options.getOrDefault(TEST, options.get(DATA));
        RandomAccessDataset data = name == null ? null : value(name.toString(), RandomAccessDataset.class);
        long bytes = before.weights().values().stream().mapToLong(Tensor::bytes).sum();
        if (bytes > LARGEST_RUN) {
            session.display(Report.quantization(QuantizationProfile.of(before, after)));
            return;
        }
        try {
            MeasuredRecords records = data == null ? null : records(data, options);
            measure(before, after, records, bytes > SMALL ? TIMED_RUNS : TIMED_RUNS_OF_SMALL);
        } catch (IllegalArgumentException e) {
            session.display(Report.quantization(QuantizationProfile.of(before, after)));
            session.display("Not measured: " + e.getMessage());
        }
    }

    /** @param records what to measure on, or null */
    private void measure(Network before, Network after, MeasuredRecords records, int runs) {
        Map<String, Tensor> feeds = records == null ? SampleFeeds.of(before) : SampleFeeds.of(before, records.data());
        QuantizationProfile profile = records == null
                ? QuantizationProfile.of(before, after)
                : QuantizationProfile.of(before, after, records.head(COMPARED));
        LayerTimes times = LayerTimes.measure(before, after, feeds, runs);
        Tradeoff tradeoff = records == null
                ? Tradeoff.of(before, after, feeds)
                : Tradeoff.of(before, after, records.data(), records.count());
        session.display(Report.quantization(profile, times));
        if (!profile.search().equals(LayerSearch.NONE)) {
            session.display(profile.search());
        }
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

    /** All records to test on; or as many of those that ranges were measured on. */
    private static MeasuredRecords records(RandomAccessDataset data, Map<String, Object> options) {
        Object samples = options.get(SAMPLES);
        Object mask = options.get(MASK);
        int some = samples == null ? COUNTED : Integer.parseInt(samples.toString());
        return new MeasuredRecords(
                data,
                options.containsKey(TEST) ? Math.toIntExact(Math.max(1, data.size())) : some,
                mask == null ? "" : mask.toString());
    }
}
