package pomona.quantize;

import pomona.graph.Constants;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.pass.Pass;
import pomona.simplify.OpsetUpgrade;

/**
 * Stores weights as bfloat16, the upper half of a float, and computes with 32-bit floats: half the file, at the speed of
 * the floats, since the runtime turns them back when it loads the network. Weights keep their range and 8 bits of
 * precision: each is off by 0.4 % of itself at most. There is no whole network of bfloat16, as there is of float16, since ONNX
 * Runtime 1.23 has no bfloat16 operators for processors that compute, only some that move. Needs operator set 7, which is rewritten in 13.
 *
 * <p>Source: ONNX operator specification (Cast); Kalamkar et al., A Study of BFLOAT16 for Deep Learning Training, 2019
 * (arXiv 1905.12322), section 2.
 */
public record Bfloat16Quantization() implements Pass {

    private static final long OPSET = 13;

    @Override
    public Network transform(Network network) {
        Quantizable.check(network, "storage as bfloat16");
        Network plain = Constants.lift(network.opset() < OPSET ? new OpsetUpgrade(OPSET).transform(network) : network);
        return HalfWeights.store(plain, ElementType.BFLOAT16);
    }
}
