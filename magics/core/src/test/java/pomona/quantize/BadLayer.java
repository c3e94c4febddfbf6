package pomona.quantize;

import java.util.Map;
import pomona.Networks;
import pomona.graph.Network;
import pomona.graph.Tensor;

/** A network of which one layer does not bear bytes. */
final class BadLayer {

    private BadLayer() {}

    /** The second of three layers multiplies one of its inputs by 100, so that bytes can not hold the others. */
    static Network network() {
        Network network = Networks.mlp(32, 16, 16, 8);
        float[] first = network.weight("fc1.weight").toFloatArray();
        float[] second = network.weight("fc2.weight").toFloatArray();
        for (int i = 0; i < 32; i++) {
            first[i] *= 400;
        }
        for (int i = 0; i < 16; i++) {
            second[i * 16] /= 400;
        }
        return network.withWeights(
                Map.of("fc1.weight", Tensor.ofFloats(first, 16, 32), "fc2.weight", Tensor.ofFloats(second, 16, 16)));
    }
}
