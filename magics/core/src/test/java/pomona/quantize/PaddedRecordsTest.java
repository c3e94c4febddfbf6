package pomona.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static pomona.Equality.relativeError;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import pomona.Networks;
import pomona.Sequences;
import pomona.evaluate.MeasuredRecords;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.pass.Pass;
import pomona.prune.Granularity;
import pomona.prune.Scope;
import pomona.prune.Selection;
import pomona.prune.SparseGptPruning;
import pomona.prune.WandaPruning;
import pomona.quantize.MixedPrecisionQuantization.Goal;
import pomona.quantize.MixedPrecisionQuantization.Order;
import pomona.train.Training;

/** Padding that a mask tells counts nowhere: a technique does the same as on the records without padding. */
class PaddedRecordsTest {

    private static final int COUNT = 40;

    /** So many that answers of some of them change where ranges do. */
    private static final int MANY = 200;

    private static final Sequences BARE = Sequences.varying(COUNT);
    private static final Sequences PADDED = Sequences.padded(COUNT);
    private static final Network ENCODER = Sequences.encoder();

    private interface Technique {
        Pass on(Sequences data, String mask);

        /** What it is tried on. */
        default Network network() {
            return ENCODER;
        }
    }

    /** A search for precisions counts errors, so that it takes a classifier; every layer gets bytes. */
    private static final class Mixed implements Technique {

        @Override
        public MixedPrecisionQuantization on(Sequences data, String mask) {
            return new MixedPrecisionQuantization(
                    1, data, null, Goal.SMALLEST, Order.MEASURED, List.of(LayerScheme.STATIC), "*", mask);
        }

        @Override
        public Network network() {
            return Sequences.classifier();
        }
    }

    /** Corrects biases of weights that are rounded. */
    private static final class Corrected implements Technique {

        @Override
        public Pass on(Sequences data, String mask) {
            return new BiasCorrection(ENCODER, data, COUNT, mask);
        }

        @Override
        public Network network() {
            return ENCODER.apply(new WeightOnlyQuantization());
        }
    }

    private static final Map<String, Technique> TECHNIQUES = new LinkedHashMap<>();

    static {
        TECHNIQUES.put("smooth", (data, mask) -> new SmoothQuant(data, COUNT, 0.5).withMask(mask));
        TECHNIQUES.put("auto", (data, mask) -> new SmoothQuant(data, COUNT).withMask(mask));
        TECHNIQUES.put("round", (data, mask) -> new AdaptiveRounding(data, COUNT, 3, true, 100, "*", mask));
        TECHNIQUES.put(
                "gptq",
                (data, mask) -> new GptqQuantization(BlockFormat.INT4, data, COUNT, 0.01, true, true, "*", mask));
        TECHNIQUES.put(
                "awq", (data, mask) -> new AwqQuantization(BlockFormat.INT4, data, COUNT, 20, true, true, "*", mask));
        TECHNIQUES.put(
                "sparsegpt",
                (data, mask) -> new SparseGptPruning(0.5, data, COUNT, 0.01, Granularity.WEIGHT, "*", mask));
        TECHNIQUES.put("wanda", (data, mask) -> new WandaPruning(0.5, Scope.OUTPUT, data, COUNT, Selection.ALL, mask));
        TECHNIQUES.put("training", (data, mask) -> new FirstSteps(data, mask));
        TECHNIQUES.put("mixed precision", new Mixed());
        TECHNIQUES.put("bias correction", new Corrected());
        for (Calibration calibration : Calibration.values()) {
            TECHNIQUES.put("static " + calibration, (data, mask) -> quantization(data, mask, calibration));
        }
        TECHNIQUES.put("static smooth", (data, mask) -> quantization(data, mask, Calibration.MIN_MAX)
                .with(Refinement.smooth(0.5)));
        TECHNIQUES.put("static round, bias", (data, mask) -> quantization(data, mask, Calibration.MIN_MAX)
                .with(new Refinement(false, 0, Rounding.ADAPTIVE, true)));
    }

    /** Quantization-aware training before the first epoch, which is what it measures on records. */
    private record FirstSteps(Sequences data, String mask) implements Pass {

        @Override
        public Network transform(Network network) {
            return new QuantizationAwareTraining(
                            8, 8, true, WeightStorage.BYTES, "*", data, COUNT, Training.epochs(1), true)
                    .withMask(mask)
                    .untrained(network);
        }
    }

    private static StaticQuantization quantization(Sequences data, String mask, Calibration calibration) {
        double percentile = calibration == Calibration.PERCENTILE ? 99 : 99.99;
        return new StaticQuantization(data, COUNT, calibration, percentile, true, ReducedRange.OFF, "*")
                .with(new RangeSettings(calibration, percentile, ActivationType.UINT8, mask));
    }

    private static Map<String, Tensor> feeds(Network network) {
        int batch = network.signature().inputs().get(0).shape().get(0).isFixed() ? 1 : 6;
        long[] mask = new long[batch * 7];
        Arrays.fill(mask, 1);
        return Map.of(
                "x", Networks.uniform(9, -1, 1, batch, 7, Sequences.WIDTH), "mask", Tensor.ofLongs(mask, batch, 7));
    }

    @Test
    void everyTechniqueDoesWhatItDoesWithoutPadding() {
        TECHNIQUES.forEach((name, technique) -> {
            Network bare = technique.on(BARE, "").transform(technique.network());
            Network masked = technique.on(PADDED, "mask").transform(technique.network());
            assertThat(difference(bare, masked)).as(name).isLessThan(1e-4);
        });
    }

    @Test
    void withoutAMaskPaddingCounts() {
        TECHNIQUES.forEach((name, technique) -> {
            Network bare = technique.on(BARE, "").transform(technique.network());
            Network counted = technique.on(PADDED, "").transform(technique.network());
            assertThat(difference(bare, counted)).as(name).isGreaterThan(1e-3);
        });
    }

    /** How far outputs, and weights of floats that both have, are apart. */
    private static double difference(Network expected, Network actual) {
        double most = relativeError(expected, actual, feeds(expected));
        if (!actual.weights().keySet().equals(expected.weights().keySet())) {
            return Double.POSITIVE_INFINITY;
        }
        for (String name : expected.weights().keySet()) {
            float[] right = expected.weight(name).toFloatArray();
            float[] near = actual.weight(name).toFloatArray();
            if (expected.weight(name).type().isFloating()) {
                double power = Math.max(SignalToNoise.power(right), Double.MIN_NORMAL);
                most = Math.max(most, Math.sqrt(SignalToNoise.difference(right, near) / power));
            }
        }
        return most;
    }

    @Test
    void theMaskHasToBeAnInput() {
        TECHNIQUES.forEach((name, technique) -> {
            Network network = technique.network();
            boolean one = network.name().equals("classifier");
            assertThatThrownBy(() -> network.apply(technique.on(PADDED, "attention_mask")))
                    .as(name)
                    .hasMessage("Network " + network.name() + " has no input attention_mask to take as mask; it takes x"
                            + (one
                                    ? " float[1,length,16] and mask int64[1,length]."
                                    : " float[batch,length,16] and mask int64[batch,length]."));
        });
    }

    /** What each layer costs is measured without padding, and each of the scans too. */
    @Test
    void costsOfLayersAreThoseWithoutPadding() {
        Network network = Sequences.classifier();
        Mixed mixed = new Mixed();
        MixedPrecision bare = mixed.on(BARE, "").search(network, all -> List.of(1.0, 1.0));
        MixedPrecision masked = mixed.on(PADDED, "mask").search(network, all -> List.of(1.0, 1.0));
        MixedPrecision counted = mixed.on(PADDED, "").search(network, all -> List.of(1.0, 1.0));
        assertThat(masked.layers()).hasSameSizeAs(bare.layers()).hasSize(5);
        for (int i = 0; i < 5; i++) {
            double noise = bare.layers().get(i).noise();
            assertThat(masked.layers().get(i).noise()).isCloseTo(noise, within(0.01 * noise));
            assertThat(masked.layers().get(i).cost())
                    .isEqualTo(bare.layers().get(i).cost());
        }
        assertThat(counted.layers()).anySatisfy(layer -> assertThat(layer.noise())
                .isGreaterThan(
                        10 * bare.layers().get(counted.layers().indexOf(layer)).noise()));
        assertThat(decibels(PADDED, "mask")).isCloseTo(decibels(BARE, ""), within(0.05));
        assertThat(decibels(PADDED, "")).isNotCloseTo(decibels(BARE, ""), within(1.0));
        double right = error(Sequences.varying(MANY), "");
        assertThat(error(Sequences.padded(MANY), "mask")).isEqualTo(right);
        assertThat(error(Sequences.padded(MANY), "")).isNotEqualTo(right);
    }

    private static double decibels(Sequences data, String mask) {
        return QuantizationSensitivity.bySignalToNoise(ENCODER, LayerScheme.STATIC, List.of(8.0), "q", data, mask)
                .run()
                .error("q", 8);
    }

    private static double error(Sequences data, String mask) {
        return QuantizationSensitivity.measured(
                        Sequences.classifier(), LayerScheme.STATIC, List.of(8.0), "q", data, mask)
                .run()
                .error("q", 8);
    }

    @Test
    void searchesForLayersCompareOutputsWithoutPadding() {
        Network small = quantization(BARE, "", Calibration.MIN_MAX).transform(ENCODER);
        double bare = new OutputNoise(ENCODER, new MeasuredRecords(BARE, 8)).of(small);
        double masked = new OutputNoise(ENCODER, new MeasuredRecords(PADDED, 8, "mask")).of(small);
        double counted = new OutputNoise(ENCODER, new MeasuredRecords(PADDED, 8)).of(small);
        assertThat(masked).isCloseTo(bare, within(0.01 * bare));
        assertThat(counted).isNotCloseTo(bare, within(0.1 * bare));
        for (LayerChoice choice :
                List.of(LayerChoice.ALL.with(new KeptLayers(2)), LayerChoice.ALL.with(SixteenBitLayers.parse("2")))) {
            assertThat(spared(BARE, "", choice)).isEqualTo(spared(PADDED, "mask", choice));
        }
    }

    private static String spared(Sequences data, String mask, LayerChoice choice) {
        Map<String, String> options = quantization(data, mask, Calibration.MIN_MAX)
                .with(choice)
                .apply(ENCODER)
                .provenance()
                .get(0)
                .options();
        String spared = choice.sixteenBits().isAny() ? options.get("sixteenBits") : options.get("keepFloat");
        assertThat(spared).startsWith("2 (");
        return spared;
    }

    @Test
    void profilesAndHistogramsLeavePaddingOut() {
        Network small = quantization(BARE, "", Calibration.MIN_MAX).transform(ENCODER);
        List<QuantizedLayer> bare =
                QuantizationProfile.of(ENCODER, small, BARE, 20).layers();
        List<QuantizedLayer> masked = QuantizationProfile.of(ENCODER, small, new MeasuredRecords(PADDED, 20, "mask"))
                .layers();
        assertThat(masked).hasSameSizeAs(bare).hasSizeGreaterThan(3);
        for (int i = 0; i < bare.size(); i++) {
            assertThat(masked.get(i).sqnr()).isCloseTo(bare.get(i).sqnr(), within(0.05));
        }
        ActivationHistogram whole =
                ActivationHistogram.of(ENCODER, small, bare.get(0).layer(), BARE, 20);
        ActivationHistogram real =
                ActivationHistogram.of(ENCODER, small, bare.get(0).layer(), new MeasuredRecords(PADDED, 20, "mask"));
        assertThat(real.counts().stream().mapToLong(Long::longValue).sum())
                .isEqualTo(whole.counts().stream().mapToLong(Long::longValue).sum());
        assertThat(real.observedMax()).isCloseTo(whole.observedMax(), within(1e-5));
        assertThat(real.observedMin()).isCloseTo(whole.observedMin(), within(1e-5));
    }
}
