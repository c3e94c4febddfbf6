package pomona.jupyter.magic;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import pomona.evaluate.MeasuredRecords;
import pomona.evaluate.PaddingMask;
import pomona.evaluate.SampleFeeds;
import pomona.evaluate.Tradeoff;
import pomona.graph.Network;
import pomona.graph.Step;
import pomona.graph.Tensor;
import pomona.jupyter.render.Note;
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

    /** What methods call the number of records that they read. */
    private static final List<String> SAMPLES = List.of("samples", "records");

    private static final String MASK = "mask";
    private static final String REFERENCE = "reference";

    /** Records to compare what layers give on. */
    private static final int COMPARED = 64;

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
        Map<String, String> options = new LinkedHashMap<>();
        options.put(
                TEST,
                "data to count errors on before and after, or to compare outputs on where there are no classes; if not"
                        + " given, that of --data");
        options.put(
                MASK,
                "the input that is 0 where records of --test are padded, such as attention_mask; what a network gives"
                        + " there does not count");
        return options;
    }

    @Override
    String ownLabel(String option) {
        return option.equals(MASK) ? "TEXT" : super.ownLabel(option);
    }

    @Override
    void checkOwn(Network network, Map<String, Object> options) {
        String mask = options.getOrDefault(MASK, "").toString().strip();
        if (!mask.isEmpty() && !options.containsKey(TEST) && !options.containsKey(DATA)) {
            throw new IllegalArgumentException(
                    "Option mask is " + mask
                            + ", the input that is 0 where records are padded, but there are no records; give them with --test.");
        }
        PaddingMask.check(mask, network);
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
        session.display(new Note(network.name(), found.summary()));
        return mixed.recorded(found);
    }

    /** A network that was quantized before, and was changed after, is compared with that of floats. */
    @Override
    void show(Network before, Network after, Map<String, Object> options) {
        Object name = options.getOrDefault(TEST, options.get(DATA));
        RandomAccessDataset data = name == null ? null : value(name.toString(), RandomAccessDataset.class);
        Network floats =
                options.containsKey(REFERENCE) ? network(options.get(REFERENCE).toString()) : before;
        long bytes = before.weights().values().stream().mapToLong(Tensor::bytes).sum();
        if (bytes > LARGEST_RUN) {
            showLayers(QuantizationProfile.of(floats, after), null);
            return;
        }
        try {
            if (data == null) {
                measure(before, floats, after);
            } else {
                measure(before, floats, after, records(data, after, options));
            }
        } catch (IllegalArgumentException e) {
            showLayers(QuantizationProfile.of(floats, after), null);
            session.display(new Note("Not measured: " + e.getMessage()));
        }
        caution(after).ifPresent(text -> session.display(new Note(text)));
    }

    private void measure(Network before, Network floats, Network after) {
        Map<String, Tensor> feeds = SampleFeeds.of(before);
        LayerTimes times = LayerTimes.measure(floats, after, feeds, runs(before));
        Tradeoff tradeoff = Tradeoff.of(before, after, feeds);
        showLayers(QuantizationProfile.of(floats, after), times);
        session.display(tradeoff);
    }

    private void measure(Network before, Network floats, Network after, MeasuredRecords records) {
        records.refuseInfinite(before);
        QuantizationProfile profile = QuantizationProfile.of(floats, after, records.head(COMPARED));
        LayerTimes times = LayerTimes.measure(floats, after, SampleFeeds.of(before, records.data()), runs(before));
        Tradeoff tradeoff = Tradeoff.of(before, after, records);
        showLayers(profile, times);
        profile.layers().stream()
                .filter(layer -> !Float.isNaN(layer.min()))
                .filter(layer -> !Double.isNaN(layer.sqnr()))
                .min(Comparator.comparing(QuantizedLayer::sqnr))
                .ifPresent(worst -> session.display(Report.activations(
                        ActivationHistogram.of(floats, after, worst.layer(), records.head(COMPARED)))));
        session.display(tradeoff);
    }

    /** @param times the time of each layer, or null */
    private void showLayers(QuantizationProfile profile, LayerTimes times) {
        session.display(times == null ? Report.quantization(profile) : Report.quantization(profile, times));
        if (!profile.remark().isEmpty()) {
            session.display(new Note(profile.remark()));
        }
        if (times != null && !profile.search().equals(LayerSearch.NONE)) {
            session.display(profile.search());
        }
    }

    private static int runs(Network network) {
        long bytes =
                network.weights().values().stream().mapToLong(Tensor::bytes).sum();
        return bytes > SMALL ? TIMED_RUNS : TIMED_RUNS_OF_SMALL;
    }

    /** What the last step says to try, as a sentence. */
    private static Optional<String> caution(Network after) {
        return Optional.ofNullable(last(after).options().get("caution"))
                .map(text -> text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1) + ".");
    }

    /** All records to test on; of those that the method read, as many as it read: all where it has no number of samples. */
    private static MeasuredRecords records(RandomAccessDataset data, Network after, Map<String, Object> options) {
        int all = Math.toIntExact(Math.max(1, data.size()));
        int count = options.containsKey(TEST)
                ? all
                : SAMPLES.stream()
                        .map(last(after).options()::get)
                        .filter(number -> number != null && number.matches("[0-9]{1,9}"))
                        .map(Integer::valueOf)
                        .findFirst()
                        .orElse(all);
        return new MeasuredRecords(data, count, options.getOrDefault(MASK, "").toString());
    }

    private static Step last(Network network) {
        return network.provenance().get(network.provenance().size() - 1);
    }
}
