package pomona.quantize;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import pomona.graph.Network;
import pomona.graph.Step;
import pomona.pass.LayerPattern;
import pomona.pass.Option;
import pomona.pass.Pass;
import pomona.simplify.ConstantFolding;
import pomona.simplify.DeadNodeElimination;
import pomona.simplify.IdentityFolding;
import pomona.simplify.OpsetUpgrade;

/**
 * Turns the weights of linear and recurrent layers into 8-bit integers and quantizes their inputs while the network runs;
 * needs no data.
 *
 * <p>Gemm and MatMul with a constant second factor become DynamicQuantizeLinear and MatMulInteger, in the form of which
 * ONNX Runtime makes one operator; LSTM becomes ONNX Runtime's own DynamicQuantizeLSTM; layers inside If, Loop and Scan are
 * quantized where they are. A weight that several layers share is quantized once. Biases stay floats. GRU stays float,
 * since ONNX Runtime has no dynamic one: the step of provenance says so. On request, tables of embeddings become bytes
 * with a scale for each column ({@code Gather}), and convolutions become ConvInteger ({@code Conv}), which ONNX Runtime runs
 * more slowly than floats. A table that a product takes too is stored once for both, with a scale for each output of the
 * product; when {@code Gather} is not asked for, the product stays float, since the table does and bytes beside it would
 * make the file larger: the step of provenance says so of every layer whose weight others keep as floats. With ranges over the batch a result depends a little on what else is in the batch, padding
 * included; with ranges over each row it does not, but ONNX Runtime fuses less. Takes operator set 7 or newer; sets before
 * 11 are rewritten in 13. Sources: ONNX operator specification (DynamicQuantizeLinear, MatMulInteger); Krishnamoorthi,
 * Quantizing deep convolutional networks for efficient inference, 2018 (arXiv 1806.08342), sections 2 and 3; ranges of
 * rows: Dettmers et al., LLM.int8(), 2022 (arXiv 2208.07339), section 2.1.
 *
 * @param perChannel whether each output of a layer has its own scale, which is more exact, or all share one
 * @param weights signed bytes, or unsigned ones, whose products no processor clips; those of convolutions are always
 *     unsigned, since ONNX Runtime has no others
 * @param reducedRange whether signed weights use 7 bits, for processors that clip products of bytes
 * @param ranges over what the range of a layer's input is taken: the batch, or each row or image by itself
 * @param operators which operators: {@code Gemm}, {@code MatMul}, {@code LSTM}, {@code Conv}, {@code Gather}, separated by
 *     commas
 * @param layers which layers, by weight or operator name: {@code *} and {@code ?} are wildcards, commas separate
 */
public record DynamicQuantization(
        @Option(value = "one scale for each output of a layer, not one for the layer", defaultsTo = "true")
        boolean perChannel,

        @Option(value = "the bytes of weights: int8 or uint8, which those of Conv always are", defaultsTo = "int8")
        ByteType weights,

        @Option(value = "7-bit weights: on, off, or auto (when this processor needs it)", defaultsTo = "auto")
        ReducedRange reducedRange,

        @Option(value = "ranges of inputs over the batch, or sample: over each row or image", defaultsTo = "batch")
        InputRange ranges,

        @Option(value = "operators among Gemm, MatMul, LSTM, Conv, Gather", defaultsTo = "Gemm,MatMul,LSTM")
        String operators,

        @Option(value = "weight or operator names, with * and ?, separated by commas", defaultsTo = "*")
        String layers)
        implements Pass {

    /** The first operator set that has DynamicQuantizeLinear. */
    private static final long OPSET = 11;

    private static final String DEFAULT_OPERATORS = "Gemm,MatMul,LSTM";

    /** The quantized network, and what stayed float although it was asked for. */
    private record Outcome(Network network, List<String> leftFloat) {}

    public DynamicQuantization {
        if (weights == null) {
            throw new IllegalArgumentException("Option weights was not given; it is int8 or uint8.");
        }
        if (reducedRange == null) {
            throw new IllegalArgumentException("Option reduced-range was not given; it is auto, on or off.");
        }
        if (ranges == null) {
            throw new IllegalArgumentException("Option ranges was not given; it is batch or sample.");
        }
        DynamicLayers.operators(operators);
        new LayerPattern(layers);
    }

    /** Quantizes linear and recurrent layers to signed bytes, with ranges over the batch. */
    public DynamicQuantization(boolean perChannel, ReducedRange reducedRange, String layers) {
        this(perChannel, ByteType.INT8, reducedRange, InputRange.BATCH, DEFAULT_OPERATORS, layers);
    }

    /** Quantizes all linear and recurrent layers, with a scale for each output. */
    public DynamicQuantization() {
        this(true, ReducedRange.AUTO, "*");
    }

    /** The same with ranges over the batch, or over each row. */
    public DynamicQuantization withRanges(InputRange newRanges) {
        return new DynamicQuantization(perChannel, weights, reducedRange, newRanges, operators, layers);
    }

    /** The same with other operators. */
    public DynamicQuantization withOperators(String newOperators) {
        return new DynamicQuantization(perChannel, weights, reducedRange, ranges, newOperators, layers);
    }

    /** The same with other bytes for weights. */
    public DynamicQuantization withWeights(ByteType newWeights) {
        return new DynamicQuantization(perChannel, newWeights, reducedRange, ranges, operators, layers);
    }

    @Override
    public Network transform(Network network) {
        return quantize(network).network();
    }

    /** The step of provenance also names the layers that stayed float, and why. */
    @Override
    public Network apply(Network network) {
        Outcome outcome = quantize(network);
        Map<String, String> options = new LinkedHashMap<>(step().options());
        if (!outcome.leftFloat().isEmpty()) {
            options.put("leftFloat", String.join("; ", outcome.leftFloat()));
        }
        return outcome.network().withStep(new Step(step().name(), options));
    }

    private Outcome quantize(Network network) {
        Quantizable.check(network, "dynamic quantization");
        return outcome(network);
    }

    /** Quantizes layers of floats in a network that may have quantized ones beside them. */
    Network beside(Network network) {
        return outcome(network).network();
    }

    private Outcome outcome(Network network) {
        Network upgraded = network.opset() < OPSET ? new OpsetUpgrade(13).transform(network) : network;
        Network plain = new IdentityFolding().transform(new ConstantFolding().transform(upgraded));
        DynamicLayers chosen = DynamicLayers.of(plain, DynamicLayers.operators(operators), layers, ranges);
        // Unsigned bytes are multiplied with unsigned ones, which no processor clips.
        boolean whole = weights == ByteType.UINT8 && reducedRange == ReducedRange.AUTO;
        int largest = whole ? ChannelScales.LARGEST : reducedRange.largest();
        DynamicWeights bytes = new DynamicWeights(perChannel, weights, largest);
        Network quantized = new DynamicRewriter(plain, chosen, bytes, ranges).rewrite();
        return new Outcome(new DeadNodeElimination().transform(quantized), chosen.leftFloat());
    }

    /**
     * The step names the range that was used, since {@code auto} means another one on another machine, and the bytes of
     * convolutions where they are not those of other weights.
     */
    @Override
    public Step step() {
        Step step = reducedRange.namedIn(Pass.super.step());
        if (weights == ByteType.UINT8 || !DynamicLayers.operators(operators).contains("Conv")) {
            return step;
        }
        Map<String, String> options = new LinkedHashMap<>(step.options());
        options.put("weightsOfConv", "uint8");
        return new Step(step.name(), options);
    }
}
