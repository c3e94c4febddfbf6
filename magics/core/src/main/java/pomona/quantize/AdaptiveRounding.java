package pomona.quantize;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import pomona.calibrate.LayerHessians;
import pomona.calibrate.LayerInput;
import pomona.evaluate.MeasuredRecords;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Step;
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
 * layer's outputs get worse on the data. A weight that several layers share is rounded by the outputs of all of them, see
 * {@link pomona.calibrate.WeightInputs}; a MatMul of a batch of matrices stays as it is, and is named in the provenance.
 * Inputs are those that the layers before give after their own rounding; activation functions are not looked through. The result is a network of floats whose weights lie on the steps: a quantization of
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
        Network plain = plain(network);
        return round(plain, chosen(plain));
    }

    /** The step of provenance also names the layers that are batches of matrices, which stay as they are. */
    @Override
    public Network apply(Network network) {
        Network plain = plain(network);
        List<LayerWeight> chosen = chosen(plain);
        Map<String, String> options = new LinkedHashMap<>(step().options());
        List<String> batches = batches(chosen);
        if (!batches.isEmpty()) {
            options.put(Refinement.UNREFINED, String.join(", ", batches));
        }
        return round(plain, chosen).withStep(new Step(step().name(), options));
    }

    private static Network plain(Network network) {
        Quantizable.check(network, "adaptive rounding");
        Network constant = new IdentityFolding().transform(new ConstantFolding().transform(network));
        return new BatchNormFolding().transform(constant);
    }

    private List<LayerWeight> chosen(Network plain) {
        List<LayerWeight> chosen = Quantizable.layers(plain, layers, "Conv", "Gemm", "MatMul");
        if (chosen.stream().noneMatch(LayerInput::isMatrix)) {
            LayerWeight first = chosen.get(0);
            throw new IllegalArgumentException(
                    "Network " + plain.name() + " has no layer whose rounding can be learned;"
                            + " it would be a Conv, a Gemm or a MatMul of one matrix, and " + first.layer() + " ("
                            + first.node().op()
                            + ") multiplies with a batch of matrices, weight " + first.name() + " of "
                            + first.tensor().rank() + " dimensions.");
        }
        return chosen;
    }

    /** The names of layers that multiply with batches of matrices, whose rounding is not learned. */
    static List<String> batches(List<LayerWeight> layers) {
        return layers.stream()
                .filter(layer -> !LayerInput.isMatrix(layer))
                .map(LayerWeight::layer)
                .toList();
    }

    /** Rounds some layers of a network whose constants are weights; those that are batches of matrices stay. */
    Network round(Network plain, List<LayerWeight> chosen) {
        List<LayerWeight> matrices =
                chosen.stream().filter(LayerInput::isMatrix).toList();
        int largest = (1 << (bits - 1)) - 1;
        QdqPlan plan = QdqPlan.of(plain, matrices);
        return new LayerHessians(new MeasuredRecords(data, samples, mask), "measure activations")
                .solve(plain, matrices, (layer, hessians) -> new RoundingSolver(
                                layer, largest, plan.channelAxis(layer, perChannel), steps)
                        .solve(hessians));
    }
}
