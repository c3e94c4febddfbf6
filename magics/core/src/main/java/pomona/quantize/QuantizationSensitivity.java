package pomona.quantize;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import pomona.evaluate.Evaluation;
import pomona.evaluate.MeasuredRecords;
import pomona.evaluate.PaddingMask;
import pomona.evaluate.Sensitivity;
import pomona.graph.Constants;
import pomona.graph.ElementType;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.pass.LayerPattern;

/**
 * How much worse a network gets when one layer alone is quantized: measured on data, or estimated from the curvature of
 * the loss. The scans are not run yet; {@link Sensitivity#run()} runs them and goes on after an interrupt.
 *
 * <pre>{@code
 * Sensitivity scan = QuantizationSensitivity.measured(lenet, LayerScheme.STATIC, List.of(8.0), "*", validation).run();
 * double rise = scan.error("conv1.weight", 8) - scan.baseline();
 * }</pre>
 */
public final class QuantizationSensitivity {

    /** Records to compare outputs on. */
    private static final int COMPARED = 32;

    private static final Sensitivity.Measure ERROR = Sensitivity.Measure.ERROR;
    private static final Sensitivity.Measure NOISE = Sensitivity.Measure.SIGNAL_TO_NOISE;
    private static final Sensitivity.Measure LOSS = new Sensitivity.Measure("predicted rise of the loss", false);

    private QuantizationSensitivity() {}

    /**
     * A scan of the errors of a classifier.
     *
     * @param scheme how a layer is quantized
     * @param bits bits of weights in ascending order: those of the scheme, or from 2 to 8 when weights alone are rounded
     * @param layers which layers, by weight or operator name, as everywhere
     * @param data labelled records
     * @param mask the input that is 0 where records are padded, which then does not widen ranges; none when empty
     * @throws IllegalArgumentException if the bits are out of range, no layer can be quantized, or the network does not take
     *     the mask; when it runs, if a value inside the network is NaN or infinite on a record
     */
    public static Sensitivity measured(
            Network network,
            LayerScheme scheme,
            List<Double> bits,
            String layers,
            RandomAccessDataset data,
            String mask) {
        refuseNone(data);
        MeasuredRecords records = FiniteRecords.all(data, mask);
        return scan(network, scheme, bits, layers, records, changed -> Evaluation.errorPercent(changed, data), ERROR);
    }

    /** A scan of errors on whole records. */
    public static Sensitivity measured(
            Network network, LayerScheme scheme, List<Double> bits, String layers, RandomAccessDataset data) {
        return measured(network, scheme, bits, layers, data, "");
    }

    /**
     * A scan of the signal-to-noise ratios of a network's outputs in decibels, on the first 32 records; the mean over the
     * outputs where there are several. Needs no labels, and the network may be of any kind. More is better: 20 dB are an error
     * of a tenth.
     *
     * @param scheme how a layer is quantized
     * @param bits bits of weights in ascending order: those of the scheme, or from 2 to 8 when weights alone are rounded
     * @param layers which layers, by weight or operator name, as everywhere
     * @param data records, with labels or without
     * @param mask the input that is 0 where records are padded, which then neither widens ranges nor counts as noise; none
     *     when empty
     * @throws IllegalArgumentException if the bits are out of range, no layer can be quantized, or the network does not take
     *     the mask; when it runs, if a value inside the network is NaN or infinite on a record
     */
    public static Sensitivity bySignalToNoise(
            Network network,
            LayerScheme scheme,
            List<Double> bits,
            String layers,
            RandomAccessDataset data,
            String mask) {
        refuseNone(data);
        MeasuredRecords records = new MeasuredRecords(data, COMPARED, mask);
        return scan(network, scheme, bits, layers, records, decibels(Constants.lift(network), records), NOISE);
    }

    /** A scan of signal-to-noise ratios on whole records. */
    public static Sensitivity bySignalToNoise(
            Network network, LayerScheme scheme, List<Double> bits, String layers, RandomAccessDataset data) {
        return bySignalToNoise(network, scheme, bits, layers, data, "");
    }

    /** @param records what is looked at when the network of floats is measured, which comes first */
    private static Sensitivity scan(
            Network network,
            LayerScheme scheme,
            List<Double> bits,
            String layers,
            MeasuredRecords records,
            ToDoubleFunction<Network> value,
            Sensitivity.Measure measure) {
        check(scheme, bits);
        Quantizable.check(network, "quantization");
        PaddingMask.check(records.mask(), network);
        Network lifted = Constants.lift(network);
        List<String> names = layers(lifted, scheme, layers);
        scheme.checkOpset(lifted, names);
        return new Sensitivity(
                lifted,
                names,
                bits,
                (layer, level) -> scheme.quantize(lifted, List.of(layer), (int) level, records),
                changed -> {
                    double measured = value.applyAsDouble(changed);
                    // A scan measures the network as it is first.
                    if (changed == lifted) {
                        FiniteRecords.check(lifted, "data", records);
                    }
                    return measured;
                },
                Sensitivity.Level.BITS,
                measure);
    }

    /** Runs the network of floats when it is asked for the first time. */
    private static ToDoubleFunction<Network> decibels(Network network, MeasuredRecords records) {
        OutputNoise[] noise = new OutputNoise[1];
        return changed -> {
            if (noise[0] == null) {
                noise[0] = new OutputNoise(network, records);
            }
            return SignalToNoise.decibels(1, noise[0].of(changed));
        };
    }

    private static void refuseNone(RandomAccessDataset data) {
        if (data == null) {
            throw new IllegalArgumentException(
                    "What quantized layers cost is measured on data; none was given (option data).");
        }
    }

    /**
     * A scan of the rise of the loss that the curvature predicts: for each layer the mean of the Hessian's diagonal times
     * the squared distance that its weights move by. No network is run for it once the curvature is measured. Source: Dong
     * et al., HAWQ-V2, 2019 (arXiv 1911.03852), section 3.2.
     *
     * @param bits bits of weights in ascending order, from 2 to 8
     * @param data labelled records, of which up to 512 are looked at
     * @param probes random directions to average over, 1 or more; see {@link HessianTrace}
     */
    public static Sensitivity byHessian(
            Network network, List<Double> bits, String layers, RandomAccessDataset data, int probes, long seed) {
        check(LayerScheme.WEIGHTS, bits);
        refuseNone(data);
        Network lifted = Constants.lift(network);
        List<String> names = layers(lifted, LayerScheme.WEIGHTS, layers);
        Map<String, Double> means = HessianTrace.means(lifted, names, data, probes, seed);
        return new Sensitivity(
                lifted,
                names,
                bits,
                (layer, level) -> LayerScheme.WEIGHTS.quantize(lifted, List.of(layer), (int) level, null),
                changed -> rise(lifted, changed, means),
                Sensitivity.Level.BITS,
                LOSS);
    }

    private static double rise(Network network, Network changed, Map<String, Double> means) {
        double rise = 0;
        for (Map.Entry<String, Double> layer : means.entrySet()) {
            float[] before = network.weight(layer.getKey()).toFloatArray();
            float[] after = changed.weight(layer.getKey()).toFloatArray();
            double squares = 0;
            for (int i = 0; i < before.length; i++) {
                squares += (after[i] - before[i]) * (double) (after[i] - before[i]);
            }
            rise += 0.5 * layer.getValue() * squares;
        }
        return rise;
    }

    /** The weights of the layers that a scheme takes. */
    static List<String> layers(Network lifted, LayerScheme scheme, String pattern) {
        List<LayerWeight> candidates = LayerScheme.candidates(lifted).stream()
                .filter(layer -> layer.tensor().type() == ElementType.FLOAT && scheme.takes(layer, lifted))
                .toList();
        if (candidates.isEmpty()) {
            throw Quantizable.nothing(
                    lifted,
                    "Network " + lifted.name() + " has nothing to quantize; it would be the constant 32-bit"
                            + " floating-point weights of Gemm, MatMul or Conv operators.");
        }
        List<LayerWeight> chosen = new LayerPattern(pattern).select(lifted.name(), candidates);
        chosen.forEach(Quantizable::refuseInfinite);
        return chosen.stream().map(LayerWeight::name).toList();
    }

    private static String number(double level) {
        return level == Math.rint(level) ? Long.toString((long) level) : Double.toString(level);
    }

    private static void check(LayerScheme scheme, List<Double> bits) {
        for (double level : bits) {
            boolean own = scheme != LayerScheme.WEIGHTS && level == scheme.bits();
            if (!own && (level != Math.rint(level) || level < 2 || level > 8)) {
                throw new IllegalArgumentException(
                        "Bits " + number(level) + " are out of range; they are whole, from 2 to 8.");
            }
            if (!own && scheme != LayerScheme.WEIGHTS) {
                throw new IllegalArgumentException("Bits " + number(level) + " can not be measured with scheme "
                        + scheme + ", which has " + scheme.bits() + "; scheme weights has 2 to 8.");
            }
        }
    }
}
