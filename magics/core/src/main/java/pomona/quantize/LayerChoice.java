package pomona.quantize;

import java.util.List;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.pass.LayerPattern;
import pomona.pass.Option;

/**
 * Which layers static quantization takes, and which of them are spared.
 *
 * @param layers which layers, by weight or operator name: {@code *} and {@code ?} are wildcards, commas separate, {@code
 *     !} takes away
 * @param operators which operators, of Conv, Gemm and MatMul
 * @param keepFloat how many layers to leave in float because they lose most, by measurement; with {@code auto} as few as
 *     it takes until the outputs' signal-to-noise ratio is 20 dB, or three quarters of the decibels are gained that half
 *     of the layers would gain; with {@code slower} those that are slower as integers on this machine, on one thread;
 *     with {@code auto,slower} those that it takes first, and of the others those that are slower
 * @param sixteenBits the layers whose activations get 16 bits where others have 8: by name, or as many as are told, or
 *     {@code auto} for as few as it takes, measured as for {@code keepFloat}. Their weights have 8 bits. ONNX Runtime
 *     computes such layers in floats, which takes as long as layers of floats or longer; accelerators have kernels. What
 *     comes out of an 8-bit convolution has 8 bits already: name that one too where it should not
 */
public record LayerChoice(
        @Option(value = "weight or operator names, with * and ?, separated by commas; ! takes away", defaultsTo = "*")
        String layers,

        @Option(value = "which operators, separated by commas", defaultsTo = "Conv, Gemm, MatMul")
        List<String> operators,

        @Option(
                value = "how many layers to leave in float, those that lose most; auto; slower; or such as auto,slower",
                defaultsTo = "0")
        KeptLayers keepFloat,

        @Option(
                value = "layers whose activations get 16 bits: names; how many, those that lose most; or auto",
                defaultsTo = "none")
        SixteenBitLayers sixteenBits) {

    private static final List<String> OPERATORS = List.of("Conv", "Gemm", "MatMul");

    /** All layers that can be quantized. */
    public static final LayerChoice ALL = of("*");

    public LayerChoice {
        new LayerPattern(layers);
        operators = checked(operators);
        if (keepFloat == null) {
            throw new IllegalArgumentException(
                    "Option keep-float was not given; it is auto, slower or a number of layers.");
        }
        sixteenBits = sixteenBits == null ? SixteenBitLayers.NONE : sixteenBits;
        if (!keepFloat.isNone() && sixteenBits.isMeasured()) {
            throw new IllegalArgumentException("Options keep-float " + keepFloat + " and sixteen-bits " + sixteenBits
                    + " both ask for a search; leave one of them out, or name the layers of 16 bits.");
        }
    }

    /** The layers with such names. */
    public static LayerChoice of(String layers) {
        return new LayerChoice(layers, OPERATORS, KeptLayers.NONE, SixteenBitLayers.NONE);
    }

    /** The same with only those operators. */
    public LayerChoice withOperators(List<String> newOperators) {
        return new LayerChoice(layers, newOperators, keepFloat, sixteenBits);
    }

    /** The same with other layers left in float. */
    public LayerChoice with(KeptLayers newKeepFloat) {
        return new LayerChoice(layers, operators, newKeepFloat, sixteenBits);
    }

    /** The same with other layers in 16 bits. */
    public LayerChoice with(SixteenBitLayers newSixteenBits) {
        return new LayerChoice(layers, operators, keepFloat, newSixteenBits);
    }

    /** The layers to quantize. */
    List<LayerWeight> of(Network floats) {
        return Quantizable.layers(floats, layers, operators.toArray(String[]::new));
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
}
