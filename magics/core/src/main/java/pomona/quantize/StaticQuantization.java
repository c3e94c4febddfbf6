package pomona.quantize;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import pomona.graph.Network;
import pomona.graph.Step;
import pomona.pass.Option;
import pomona.pass.Pass;

/**
 * Turns weights and activations of convolutions and linear layers into integers, with ranges of activations measured
 * beforehand on data.
 *
 * <p>The result is in QDQ form (QuantizeLinear and DequantizeLinear around float operators), which ONNX Runtime fuses into
 * integer kernels: signed symmetric 8-bit weights, activations with a zero point, 32-bit biases; additions, concatenations
 * and pooling between quantized layers stay in integers. Batch normalizations are folded first. Activations stream batch
 * by batch, and a summary of bounded size is kept of each. Layers inside If, Loop and Scan are quantized where they are, with
 * ranges of the records that run them; a layer whose branch no record ran stays float, and so does one whose weight others
 * keep as floats, such as a table of embeddings: bytes beside them would make the file larger. The step of provenance names
 * both.
 * Networks older than operator set 13 are rewritten in 13 (10 when each layer has one scale), and in 21 where activations
 * have 16 bits. Sources: Jacob et al., Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only
 * Inference, 2018 (arXiv 1712.05877), section 2; Krishnamoorthi, 2018 (arXiv 1806.08342), section 3; Wu et al., Integer
 * Quantization for Deep Learning Inference, 2020 (arXiv 2004.09602), section 5, for layers left in float.
 *
 * @param data records like those the network will see; labels are not looked at
 * @param samples how many of its first records to measure on, 1 or more
 * @param ranges how ranges are taken, and which integers are laid over them
 * @param perChannel whether each output of a layer has its own scale, which is more exact, or all share one, as they
 *     always do in a weight that two layers of a graph take along different dimensions
 * @param reducedRange whether weights use 7 bits, for processors that clip products of bytes
 * @param choice which layers are quantized, and which of them are left in float or get 16 bits
 * @param refinement what is done before and after so that less is lost
 */
public record StaticQuantization(
        @Option("records like those the network will see") RandomAccessDataset data,

        @Option(value = "how many of the first records to measure on", defaultsTo = "512")
        int samples,

        RangeSettings ranges,

        @Option(value = "one scale for each output of a layer, not one for the layer", defaultsTo = "true")
        boolean perChannel,

        @Option(value = "7-bit weights: on, off, or auto (when this processor needs it)", defaultsTo = "auto")
        ReducedRange reducedRange,

        LayerChoice choice,

        Refinement refinement)
        implements Pass {

    public StaticQuantization {
        if (data == null) {
            throw new IllegalArgumentException(
                    "Option data was not given; it is a data set to measure activations on.");
        }
        if (samples < 1) {
            throw new IllegalArgumentException("Option samples is " + samples + ", but it must be 1 or more.");
        }
        ranges = ranges == null ? RangeSettings.MIN_MAX : ranges;
        if (reducedRange == null) {
            throw new IllegalArgumentException("Option reduced-range was not given; it is auto, on or off.");
        }
        choice = choice == null ? LayerChoice.ALL : choice;
        if (choice.sixteenBits().isAny() && ranges.activations().isWide()) {
            throw new IllegalArgumentException("Option sixteen-bits is " + choice.sixteenBits()
                    + ", but all activations are " + ranges.activations().name().toLowerCase(Locale.ROOT)
                    + " already; leave one of the two out.");
        }
        refinement = refinement == null ? Refinement.NONE : refinement;
    }

    /** Quantizes to unsigned bytes, and leaves no layer in float by measurement. */
    public StaticQuantization(
            RandomAccessDataset data,
            int samples,
            Calibration calibration,
            double percentile,
            boolean perChannel,
            ReducedRange reducedRange,
            String layers) {
        this(
                data,
                samples,
                new RangeSettings(calibration, percentile, ActivationType.UINT8, ""),
                perChannel,
                reducedRange,
                LayerChoice.of(layers),
                Refinement.NONE);
    }

    /** Quantizes all layers, measured on the first records, with a scale for each output. */
    public StaticQuantization(RandomAccessDataset data, int samples, Calibration calibration) {
        this(data, samples, calibration, 99.99, true, ReducedRange.AUTO, "*");
    }

    /** Quantizes all layers, measured on the first records from the smallest to the largest value. */
    public StaticQuantization(RandomAccessDataset data, int samples) {
        this(data, samples, Calibration.MIN_MAX);
    }

    /** Quantizes all layers, measured on the first 512 records, with a scale for each output. */
    public StaticQuantization(RandomAccessDataset data) {
        this(data, 512);
    }

    /** The same with ranges that are taken in another way. */
    public StaticQuantization with(RangeSettings newRanges) {
        return new StaticQuantization(data, samples, newRanges, perChannel, reducedRange, choice, refinement);
    }

    /** The same on other layers. */
    public StaticQuantization with(LayerChoice newChoice) {
        return new StaticQuantization(data, samples, ranges, perChannel, reducedRange, newChoice, refinement);
    }

    /** The same with what is done before and after. */
    public StaticQuantization with(Refinement newRefinement) {
        return new StaticQuantization(data, samples, ranges, perChannel, reducedRange, choice, newRefinement);
    }

    @Override
    public Network transform(Network network) {
        return new StaticQuantizer(this, network).quantized();
    }

    /**
     * Adds a step that names the layers that had to stay in float, and those that did or got 16 bits by measurement; tells what
     * decided, see {@link LayerSearch}; and what to try when the signal-to-noise ratio of the outputs is below 10 dB on the
     * first 8 records.
     */
    @Override
    public Network apply(Network network) {
        return apply(new StaticQuantizer(this, network));
    }

    Network apply(StaticQuantizer quantizer) {
        Network quantized = quantizer.quantized();
        Map<String, String> options = new LinkedHashMap<>(step().options());
        options.computeIfPresent(
                choice.sixteenBits().isMeasured() ? "sixteenBits" : "keepFloat",
                (name, wish) -> quantizer.spared().text(wish));
        quantizer.search().addTo(options);
        if (!quantizer.leftFloat().isEmpty()) {
            options.put("leftFloat", String.join("; ", quantizer.leftFloat()));
        }
        if (!quantizer.unrefined().isEmpty()) {
            options.put(Refinement.UNREFINED, String.join(", ", quantizer.unrefined()));
        }
        quantizer.caution().ifPresent(caution -> options.put("caution", caution));
        return quantized.withStep(new Step(step().name(), options));
    }

    /** The step names the range that was used, since {@code auto} means another one on another machine. */
    @Override
    public Step step() {
        return reducedRange.namedIn(Pass.super.step());
    }
}
