package pomona.quantize;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.List;
import pomona.calibrate.LayerHessians;
import pomona.evaluate.MeasuredRecords;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.pass.LayerPattern;
import pomona.pass.Option;
import pomona.pass.Pass;
import pomona.simplify.BatchNormFolding;
import pomona.simplify.ConstantFolding;
import pomona.simplify.IdentityFolding;

/**
 * Rounds weights up or down to the steps of a few bits so that the outputs of each layer change least on data, which is
 * often not to the nearest step (AdaRound).
 *
 * <p>For each layer a rounding between 0 and 1 is learned for every weight: gradient descent on the squared error of the
 * layer's outputs, whose gradient comes in closed form out of the sums of products of the layer's inputs, while a
 * regularizer drives it to 0 or 1. An output row that nearest rounding serves better is rounded to the nearest, so that no
 * layer's outputs get worse on the data. Inputs are those that the layers before give after their own rounding; activation
 * functions are not looked through. The result is a network of floats whose weights lie on the steps: a quantization of
 * the same bits and scales, such as {@link StaticQuantization}, then loses nothing more. Source: Nagel et al., Up or Down?
 * Adaptive Rounding for Post-Training Quantization, 2020 (arXiv 2004.10568), section 3.
 *
 * @param data records like those the network will see; labels are not looked at
 * @param samples how many of its first records to measure on, 1 or more
 * @param bits bits of a weight, from 2 to 8; steps are symmetric about zero
 * @param perChannel whether each output of a layer has its own scale, or all share one
 * @param steps steps of the descent for each layer, 1 or more
 * @param layers which layers, by weight or operator name: {@code *} and {@code ?} are wildcards, commas separate
 * @param mask the input that is 0 where records are padded, which is then not measured; none when empty
 */
public record AdaptiveRounding(
        @Option("records like those the network will see") RandomAccessDataset data,

        @Option(value = "how many of the first records to measure on", defaultsTo = "512")
        int samples,

        @Option(value = "bits of a weight, from 2 to 8", defaultsTo = "8")
        int bits,

        @Option(value = "one scale for each output of a layer, not one for the layer", defaultsTo = "true")
        boolean perChannel,

        @Option(value = "steps of the descent for each layer", defaultsTo = "500")
        int steps,

        @Option(value = "weight or operator names, with * and ?, separated by commas", defaultsTo = "*")
        String layers,

        @Option(value = "the input that is 0 where records are padded, such as attention_mask", defaultsTo = "")
        String mask)
        implements Pass {

    static final int DEFAULT_STEPS = 500;

    public AdaptiveRounding {
        if (data == null) {
            throw new IllegalArgumentException(
                    "Option data was not given; it is a data set to measure activations on.");
        }
        if (samples < 1) {
            throw new IllegalArgumentException("Option samples is " + samples + ", but it must be 1 or more.");
        }
        if (bits < 2 || bits > 8) {
            throw new IllegalArgumentException("Option bits is " + bits + ", but it must be from 2 to 8.");
        }
        if (steps < 1) {
            throw new IllegalArgumentException("Option steps is " + steps + ", but it must be 1 or more.");
        }
        new LayerPattern(layers);
        mask = mask == null ? "" : mask.strip();
    }

    /** Rounds by whole records. */
    public AdaptiveRounding(
            RandomAccessDataset data, int samples, int bits, boolean perChannel, int steps, String layers) {
        this(data, samples, bits, perChannel, steps, layers, "");
    }

    /** Rounds all layers, with a scale for each output. */
    public AdaptiveRounding(RandomAccessDataset data, int samples, int bits) {
        this(data, samples, bits, true, DEFAULT_STEPS, "*");
    }

    @Override
    public Network transform(Network network) {
        Quantizable.check(network, "adaptive rounding");
        Network constant = new IdentityFolding().transform(new ConstantFolding().transform(network));
        Network plain = new BatchNormFolding().transform(constant);
        return round(plain, Quantizable.layers(plain, layers, "Conv", "Gemm", "MatMul"));
    }

    /** Rounds some layers of a network whose constants are weights; those that are batches of matrices stay. */
    Network round(Network plain, List<LayerWeight> chosen) {
        List<LayerWeight> matrices = chosen.stream()
                .filter(layer -> layer.node().is("Conv") || layer.tensor().rank() == 2)
                .toList();
        int largest = (1 << (bits - 1)) - 1;
        QdqPlan plan = QdqPlan.of(plain, matrices);
        return new LayerHessians(new MeasuredRecords(data, samples, mask), "measure activations")
                .solve(plain, matrices, (layer, hessians) -> new RoundingSolver(
                                layer, largest, plan.channelAxis(layer, perChannel), steps)
                        .solve(hessians));
    }
}
