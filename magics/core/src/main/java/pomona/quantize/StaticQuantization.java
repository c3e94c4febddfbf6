package pomona.quantize;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Step;
import pomona.graph.Value;
import pomona.pass.LayerPattern;
import pomona.pass.Option;
import pomona.pass.Pass;
import pomona.simplify.BatchNormFolding;
import pomona.simplify.ConstantFolding;
import pomona.simplify.DeadNodeElimination;
import pomona.simplify.IdentityFolding;
import pomona.simplify.OpsetUpgrade;

/**
 * Turns weights and activations of convolutions and linear layers into integers, with ranges of activations measured
 * beforehand on data.
 *
 * <p>The result is in QDQ form (QuantizeLinear and DequantizeLinear around float operators), which ONNX Runtime fuses into
 * integer kernels: signed symmetric 8-bit weights, activations with a zero point, 32-bit biases; additions, concatenations
 * and pooling between quantized layers stay in integers. Batch normalizations are folded first. Activations stream batch
 * by batch, and a summary of bounded size is kept of each. Networks older than operator set 13 are rewritten in 13 (10 when
 * each layer has one scale), and in 21 for 16-bit activations. Sources: Jacob et al., Quantization and Training of Neural
 * Networks for Efficient Integer-Arithmetic-Only Inference, 2018 (arXiv 1712.05877), section 2; Krishnamoorthi, 2018 (arXiv
 * 1806.08342), section 3; Wu et al., Integer Quantization for Deep Learning Inference, 2020 (arXiv 2004.09602), section 5,
 * for layers left in float.
 *
 * @param data records like those the network will see; labels are not looked at
 * @param samples how many of its first records to measure on, 1 or more
 * @param calibration how ranges are taken from what was measured
 * @param percentile how many of a hundred values a range holds, over 50 up to 100; only for {@code PERCENTILE}
 * @param activations the integers that activations become
 * @param perChannel whether each output of a layer has its own scale, which is more exact, or all share one
 * @param reducedRange whether weights use 7 bits, for processors that clip products of bytes
 * @param layers which layers, by weight or operator name: {@code *} and {@code ?} are wildcards, commas separate, {@code
 *     !} takes away
 * @param operators which operators, of Conv, Gemm and MatMul
 * @param keepFloat how many layers to leave in float because they lose most, by measurement; with {@code auto} as few as
 *     it takes until the outputs' signal-to-noise ratio is 20 dB, or three quarters of the decibels are gained that half
 *     of the layers would gain; with {@code slower} those that are slower as integers on this machine, on one thread
 * @param mask the input that is 0 where records are padded, which ranges then leave out; none when empty
 * @param refinement what is done before and after so that less is lost
 */
public record StaticQuantization(
        @Option("records like those the network will see") RandomAccessDataset data,

        @Option(value = "how many of the first records to measure on", defaultsTo = "512")
        int samples,

        @Option(value = "min-max, moving-average, percentile, entropy, or mse", defaultsTo = "min-max")
        Calibration calibration,

        @Option(value = "how many of 100 values a range holds, for percentile", defaultsTo = "99.99")
        double percentile,

        @Option(value = "integers of activations: uint8, int8, uint16 or int16", defaultsTo = "uint8")
        ActivationType activations,

        @Option(value = "one scale for each output of a layer, not one for the layer", defaultsTo = "true")
        boolean perChannel,

        @Option(value = "7-bit weights: on, off, or auto (when this processor needs it)", defaultsTo = "auto")
        ReducedRange reducedRange,

        @Option(value = "weight or operator names, with * and ?, separated by commas; ! takes away", defaultsTo = "*")
        String layers,

        @Option(value = "which operators, separated by commas", defaultsTo = "Conv, Gemm, MatMul")
        List<String> operators,

        @Option(value = "how many layers to leave in float, those that lose most; auto; or slower", defaultsTo = "0")
        KeptLayers keepFloat,

        @Option(value = "the input that is 0 where records are padded, such as attention_mask", defaultsTo = "")
        String mask,

        Refinement refinement)
        implements Pass {

    private static final List<String> OPERATORS = List.of("Conv", "Gemm", "MatMul");

    public StaticQuantization {
        if (data == null) {
            throw new IllegalArgumentException(
                    "Option data was not given; it is a data set to measure activations on.");
        }
        if (samples < 1) {
            throw new IllegalArgumentException("Option samples is " + samples + ", but it must be 1 or more.");
        }
        if (calibration == null) {
            throw new IllegalArgumentException(
                    "Option calibration was not given; it is min-max, moving-average, percentile, entropy or mse.");
        }
        if (!(percentile > 50 && percentile <= 100)) {
            throw new IllegalArgumentException(
                    "Percentile " + percentile + " is out of range; it is more than 50, up to 100.");
        }
        if (activations == null) {
            throw new IllegalArgumentException("Option activations was not given; it is uint8, int8, uint16 or int16.");
        }
        if (reducedRange == null) {
            throw new IllegalArgumentException("Option reduced-range was not given; it is auto, on or off.");
        }
        new LayerPattern(layers);
        operators = checked(operators);
        if (keepFloat == null) {
            throw new IllegalArgumentException(
                    "Option keep-float was not given; it is auto, slower or a number of layers.");
        }
        mask = mask == null ? "" : mask.strip();
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
                calibration,
                percentile,
                ActivationType.UINT8,
                perChannel,
                reducedRange,
                layers,
                OPERATORS,
                KeptLayers.NONE,
                "");
    }

    /** Does nothing before and after. */
    public StaticQuantization(
            RandomAccessDataset data,
            int samples,
            Calibration calibration,
            double percentile,
            ActivationType activations,
            boolean perChannel,
            ReducedRange reducedRange,
            String layers,
            List<String> operators,
            KeptLayers keepFloat,
            String mask) {
        this(
                data,
                samples,
                calibration,
                percentile,
                activations,
                perChannel,
                reducedRange,
                layers,
                operators,
                keepFloat,
                mask,
                Refinement.NONE);
    }

    /** The same with ranges that leave padding out, which that input tells. */
    public StaticQuantization withMask(String newMask) {
        return new StaticQuantization(
                data,
                samples,
                calibration,
                percentile,
                activations,
                perChannel,
                reducedRange,
                layers,
                operators,
                keepFloat,
                newMask,
                refinement);
    }

    /** The same with what is done before and after. */
    public StaticQuantization with(Refinement newRefinement) {
        return new StaticQuantization(
                data,
                samples,
                calibration,
                percentile,
                activations,
                perChannel,
                reducedRange,
                layers,
                operators,
                keepFloat,
                mask,
                newRefinement);
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

    private static List<String> checked(List<String> operators) {
        if (operators == null || operators.isEmpty()) {
            throw new IllegalArgumentException(
                    "Option operators is empty; it is one or more of Conv, Gemm and MatMul.");
        }
        for (String operator : operators) {
            if (!OPERATORS.contains(operator)) {
                throw new IllegalArgumentException(
                        "Option operators has " + operator + ", but static quantization takes Conv, Gemm and MatMul.");
            }
        }
        return List.copyOf(operators);
    }

    @Override
    public Network transform(Network network) {
        return quantize(network).network();
    }

    /** Adds a step that names the layers that were left in float by measurement. */
    @Override
    public Network apply(Network network) {
        Quantized quantized = quantize(network);
        if (quantized.inFloat().isEmpty()) {
            return quantized.network().withStep(step());
        }
        Map<String, String> options = new LinkedHashMap<>(step().options());
        options.put("keepFloat", keepFloat + " (" + String.join(", ", quantized.inFloat()) + ")");
        return quantized.network().withStep(new Step(step().name(), options));
    }

    /** The step names the range that was used, since {@code auto} means another one on another machine. */
    @Override
    public Step step() {
        return reducedRange.namedIn(Pass.super.step());
    }

    /** A quantized network and the layers that were left in float by measurement. */
    private record Quantized(Network network, List<String> inFloat) {}

    private Quantized quantize(Network network) {
        Quantizable.check(network, "static quantization");
        checkMask(network);
        Function<Network, List<LayerWeight>> choose =
                floats -> Quantizable.layers(floats, layers, operators.toArray(String[]::new));
        Network scaled = refinement.scaled(plain(network), data, samples, layers);
        Network plain =
                refinement.rounded(scaled, choose.apply(scaled), data, samples, perChannel, reducedRange.largest());
        List<LayerWeight> candidates = choose.apply(plain);
        QdqPlan plan = QdqPlan.of(plain, candidates);
        boolean all = keepFloat.count() == 0;
        Map<String, ActivationRange> ranges = new Calibrator(plain, calibration, percentile, activations, mask)
                .run(all ? plan.measured() : plan.measuredForFewer(), data, samples);
        Function<List<LayerWeight>, Network> rewrite = chosen -> new DeadNodeElimination()
                .transform(new QdqRewriter(plain, QdqPlan.of(plain, chosen), ranges, perChannel, reducedRange.largest())
                        .rewrite());
        if (all) {
            Network quantized = rewrite.apply(candidates);
            return new Quantized(refinement.corrected(scaled, quantized, data, samples, mask), List.of());
        }
        List<LayerWeight> chosen = new FloatLayerSearch(plain, rewrite, data, samples).quantized(candidates, keepFloat);
        Set<LayerWeight> quantized = Set.copyOf(chosen);
        return new Quantized(
                refinement.corrected(scaled, rewrite.apply(chosen), data, samples, mask),
                candidates.stream()
                        .filter(layer -> !quantized.contains(layer))
                        .map(LayerWeight::layer)
                        .toList());
    }

    /** The network in an operator set that has what is needed, with constants in one place and normalizations folded. */
    private Network plain(Network network) {
        long needed = Math.max(activations.opset(), perChannel ? 13 : 10);
        long opset = needed == 10 ? 13 : needed;
        Network upgraded = network.opset() < needed ? new OpsetUpgrade(opset).transform(network) : network;
        Network constant = new IdentityFolding().transform(new ConstantFolding().transform(upgraded));
        return new BatchNormFolding().transform(constant);
    }

    private void checkMask(Network network) {
        List<Value> inputs = network.signature().inputs();
        if (!mask.isEmpty() && inputs.stream().noneMatch(input -> input.name().equals(mask))) {
            throw new IllegalArgumentException("Network " + network.name() + " has no input " + mask
                    + " to take as mask; it takes "
                    + inputs.stream().map(Value::toString).collect(Collectors.joining(" and ")) + ".");
        }
    }
}
