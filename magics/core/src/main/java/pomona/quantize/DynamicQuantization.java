package pomona.quantize;

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
 * Turns the weights of linear layers into 8-bit integers and quantizes their inputs while the network runs; needs no
 * data.
 *
 * <p>Gemm and MatMul with a constant weight become DynamicQuantizeLinear and MatMulInteger, with signed weights and
 * unsigned activations; biases stay floats. Convolutions and embeddings stay as they are: ONNX Runtime runs dynamically
 * quantized convolutions more slowly than floats. The range of a layer's input is taken over the whole batch, so a result
 * depends a little on what else is in the batch. Needs operator set 10, which is rewritten in 13. Sources: ONNX operator specification
 * (DynamicQuantizeLinear, MatMulInteger); Krishnamoorthi, Quantizing deep convolutional networks for efficient inference,
 * 2018 (arXiv 1806.08342), sections 2 and 3.
 *
 * @param perChannel whether each output of a layer has its own scale, which is more exact, or all share one
 * @param reducedRange whether weights use 7 bits, for processors that clip products of bytes
 * @param layers which layers, by weight or operator name: {@code *} and {@code ?} are wildcards, commas separate
 */
public record DynamicQuantization(
        @Option(value = "one scale for each output of a layer, not one for the layer", defaultsTo = "true")
        boolean perChannel,

        @Option(value = "7-bit weights: on, off, or auto (when this processor needs it)", defaultsTo = "auto")
        ReducedRange reducedRange,

        @Option(value = "weight or operator names, with * and ?, separated by commas", defaultsTo = "*")
        String layers)
        implements Pass {

    /** The first operator set that has DynamicQuantizeLinear. */
    private static final long OPSET = 11;

    public DynamicQuantization {
        if (reducedRange == null) {
            throw new IllegalArgumentException("Option reduced-range was not given; it is auto, on or off.");
        }
        new LayerPattern(layers);
    }

    /** Quantizes all linear layers, with a scale for each output. */
    public DynamicQuantization() {
        this(true, ReducedRange.AUTO, "*");
    }

    @Override
    public Network transform(Network network) {
        Quantizable.check(network, "dynamic quantization");
        Network upgraded = network.opset() < OPSET ? new OpsetUpgrade(13).transform(network) : network;
        Network plain = new IdentityFolding().transform(new ConstantFolding().transform(upgraded));
        DynamicRewriter rewriter = new DynamicRewriter(
                plain, Quantizable.layers(plain, layers, "Gemm", "MatMul"), perChannel, reducedRange.largest());
        return new DeadNodeElimination().transform(rewriter.rewrite());
    }

    /** The step names the range that was used, since {@code auto} means another one on another machine. */
    @Override
    public Step step() {
        return reducedRange.namedIn(Pass.super.step());
    }
}
