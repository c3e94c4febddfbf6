package pomona.quantize;

import pomona.graph.Constants;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.pass.Option;
import pomona.pass.Pass;
import pomona.simplify.OpsetUpgrade;

/**
 * Stores weights as bfloat16, the upper half of a float, and computes with 32-bit floats: half the file, at the speed of
 * the floats, since the runtime turns them back when it loads the network. Weights keep their range and 8 bits of
 * precision: each is off by 0.4 % of itself at most. There is no whole network of bfloat16, as there is of float16, since
 * ONNX Runtime 1.23 has no bfloat16 operators for processors that compute, only some that move. Weights inside If, Loop and
 * Scan stay floats, which the step of provenance says. Needs operator set 7, which is rewritten in 13.
 *
 * <p>Source: ONNX operator specification (Cast); Kalamkar et al., A Study of BFLOAT16 for Deep Learning Training, 2019
 * (arXiv 1905.12322), section 2.
 *
 * @param whole whether to compute in bfloat16 too; must be false, see above
 */
public record Bfloat16Quantization(
        @Option(value = "compute in bfloat16 too: refused, no processor's ONNX Runtime can", defaultsTo = "false")
        boolean whole)
        implements Pass {

    private static final long OPSET = 13;

    public Bfloat16Quantization {
        if (whole) {
            throw new IllegalArgumentException(
                    "Option whole is true, but ONNX Runtime 1.23 has no bfloat16 arithmetic on"
                            + " processors; leave it out to store weights as bfloat16, or use method float16.");
        }
    }

    /** Stores weights as bfloat16. */
    public Bfloat16Quantization() {
        this(false);
    }

    /** The step of provenance also names the layers that stayed float, and why. */
    @Override
    public Network apply(Network network) {
        return UntouchedLayers.insideOnly().withStep(transform(network), step());
    }

    @Override
    public Network transform(Network network) {
        Quantizable.check(network, "storage as bfloat16");
        Network plain = Constants.lift(network.opset() < OPSET ? new OpsetUpgrade(OPSET).transform(network) : network);
        HalfWeights.refuseStored(plain);
        FiniteWeights.check(plain);
        return HalfWeights.store(plain, ElementType.BFLOAT16);
    }
}
