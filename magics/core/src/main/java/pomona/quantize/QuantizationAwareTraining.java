package pomona.quantize;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import pomona.evaluate.MeasuredRecords;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Step;
import pomona.pass.LayerPattern;
import pomona.pass.Option;
import pomona.pass.Pass;
import pomona.simplify.BatchNormFolding;
import pomona.simplify.ConstantFolding;
import pomona.simplify.DeadNodeElimination;
import pomona.simplify.IdentityFolding;
import pomona.simplify.OpsetUpgrade;
import pomona.train.CrossEntropy;
import pomona.train.DataCheck;
import pomona.train.Trained;
import pomona.train.Training;
import pomona.train.TrainingLoop;

/**
 * Trains a network while its weights and activations are rounded to few levels, and learns how far the levels are apart;
 * what comes out is a network of integers that computes with the same numbers.
 *
 * <p>Forward, each layer's weight and what goes into it (and what comes out of convolutions) is on its lattice; backward,
 * gradients pass rounding as if it had not been there. Steps start where the squared error is least, on the given weights
 * and on some records, so the network may be trained already or have random weights. Zero is always a level; how many
 * levels of an activation are below it is found at the start and stays. The result is in the QDQ form of {@link
 * StaticQuantization}: signed integers for weights, unsigned bytes for activations, 32-bit biases. Weights of 4 bits
 * or fewer take less than a byte, see {@link WeightStorage}; activations of fewer than 8 bits are levels of bytes, and
 * clipped to them. Batch normalizations are folded first; networks older than operator set 13, or 21 for weights of type
 * INT4, are rewritten in it. Recurrent layers, and layers inside If and Loop, are trained in floats and stay so: the step
 * of provenance names them.
 *
 * <p>Source: Esser et al., Learned Step Size Quantization, 2020 (arXiv 1902.08153), section 2; zero points as in Jacob et
 * al., 2018 (arXiv 1712.05877), section 2.
 *
 * @param bits how many bits weights have, 2 to 8
 * @param activationBits how many bits activations have, 2 to 8
 * @param perChannel whether each output of a layer has its own step, or all share one, as they always do in a weight that
 *     two layers take along different dimensions
 * @param reducedRange whether weights of 8 bits are trained with the levels of 7, for processors that clip products of
 *     bytes
 * @param storage how the integers of weights are stored
 * @param layers which layers, by weight or operator name: {@code *} and {@code ?} are wildcards, commas separate, {@code
 *     !} takes away
 * @param data labelled records of one array for each input of the network
 * @param samples on how many of the first records the activations' first steps are found, 1 or more
 * @param mask the input that is 0 where records are padded, which first steps then leave out; none when empty
 * @param training the settings of the training
 * @param holdZeros whether zero weights stay zero
 */
public record QuantizationAwareTraining(
        @Option(value = "bits of weights, 2 to 8", defaultsTo = "8")
        int bits,

        @Option(value = "bits of activations, 2 to 8", defaultsTo = "8")
        int activationBits,

        @Option(value = "one step for each output of a layer, not one for the layer", defaultsTo = "true")
        boolean perChannel,

        @Option(value = "8-bit weights on 7 bits: on, off, or auto (when this processor needs it)", defaultsTo = "auto")
        ReducedRange reducedRange,

        @Option(
                value =
                        "of weights: bytes; packed: 2 or 4 in a byte; int4: the type of operator set 21; auto: packed for"
                                + " 4 bits or fewer",
                defaultsTo = "auto")
        WeightStorage storage,

        @Option(value = "weight or operator names, with * and ?, separated by commas; ! takes away", defaultsTo = "*")
        String layers,

        @Option("labelled data to train on") RandomAccessDataset data,

        @Option(value = "on how many of the first records steps are found at first", defaultsTo = "512")
        int samples,

        @Option(value = "the input that is 0 where records are padded, such as attention_mask", defaultsTo = "")
        String mask,

        @Option("settings of the training") Training training,

        @Option(value = "whether weights that are zero stay zero", defaultsTo = "true")
        boolean holdZeros)
        implements Pass {

    private static final List<String> OPERATORS = List.of("Conv", "Gemm", "MatMul");

    public QuantizationAwareTraining {
        checkBits("bits", bits);
        checkBits("activation-bits", activationBits);
        if (reducedRange == null) {
            throw new IllegalArgumentException("Option reduced-range was not given; it is auto, on or off.");
        }
        if (storage == null) {
            throw new IllegalArgumentException("Option storage was not given; it is auto, bytes, packed or int4.");
        }
        storage.check(bits);
        new LayerPattern(layers);
        if (data == null) {
            throw new IllegalArgumentException(
                    "Quantization-aware training needs data to train on; none was given (option data).");
        }
        if (samples < 1) {
            throw new IllegalArgumentException("Option samples is " + samples + ", but it must be 1 or more.");
        }
        mask = mask == null ? "" : mask.strip();
        if (training == null) {
            throw new IllegalArgumentException("Quantization-aware training needs training settings; none were given.");
        }
    }

    /** Trains on records without padding, with weights that suit this machine's processor. */
    public QuantizationAwareTraining(
            int bits,
            int activationBits,
            boolean perChannel,
            WeightStorage storage,
            String layers,
            RandomAccessDataset data,
            int samples,
            Training training,
            boolean holdZeros) {
        this(
                bits,
                activationBits,
                perChannel,
                ReducedRange.AUTO,
                storage,
                layers,
                data,
                samples,
                "",
                training,
                holdZeros);
    }

    /** So many bits for weights and activations of all layers, with a step for each output. */
    public QuantizationAwareTraining(int bits, RandomAccessDataset data, Training training) {
        this(bits, bits, true, WeightStorage.AUTO, "*", data, 512, training, true);
    }

    /** The same with weights that are stored in another way. */
    public QuantizationAwareTraining with(WeightStorage newStorage) {
        return with(reducedRange, newStorage, mask);
    }

    /** The same with all levels of 8-bit weights, or half of them. */
    public QuantizationAwareTraining with(ReducedRange newRange) {
        return with(newRange, storage, mask);
    }

    /** The same with first steps that leave padding out, which that input tells. */
    public QuantizationAwareTraining withMask(String newMask) {
        return with(reducedRange, storage, newMask);
    }

    private QuantizationAwareTraining with(ReducedRange newRange, WeightStorage newStorage, String newMask) {
        return new QuantizationAwareTraining(
                bits,
                activationBits,
                perChannel,
                newRange,
                newStorage,
                layers,
                data,
                samples,
                newMask,
                training,
                holdZeros);
    }

    private static void checkBits(String option, int bits) {
        if (bits < 2 || bits > 8) {
            throw new IllegalArgumentException("Option " + option + " is " + bits + ", but it is from 2 to 8.");
        }
    }

    /** The bits that levels of weights take: one fewer than there are, where all 8 would be clipped. */
    private int usedBits() {
        return bits == Byte.SIZE && reducedRange.resolve() == ReducedRange.ON ? bits - 1 : bits;
    }

    /** The step names the storage and the range that were used. */
    @Override
    public Step step() {
        Map<String, String> options = new LinkedHashMap<>(Pass.super.step().options());
        options.put("storage", storage.of(bits).name().toLowerCase(Locale.ROOT));
        options.put("reducedRange", usedBits() < bits ? "on" : "off");
        return new Step(Pass.super.step().name(), options);
    }

    @Override
    public Network transform(Network network) {
        return train(network).network();
    }

    /** The step of provenance also names the layers that stayed float, and why. */
    @Override
    public Network apply(Network network) {
        Network trained = transform(network);
        Map<String, String> options = new LinkedHashMap<>(step().options());
        List<String> left = leftFloat(plain(network));
        if (!left.isEmpty()) {
            options.put("leftFloat", String.join("; ", left));
        }
        return trained.withStep(new Step(step().name(), options));
    }

    private static List<String> leftFloat(Network plain) {
        List<String> left = new ArrayList<>();
        for (InnerGraph graph : InnerGraph.of(plain)) {
            left.addAll(Quantizable.recurrent(graph.network()));
            if (!graph.isWhole()) {
                Quantizable.candidates(graph.network(), OPERATORS)
                        .forEach(layer -> left.add(
                                layer.layer() + SparedLayers.STAYS + "training has no levels in branches and loops"));
            }
        }
        return left;
    }

    /** Does the work and gives the losses on the way as well; the provenance is left as it was. */
    public Trained train(Network network) {
        DataCheck.labelled(network, data);
        Network lattices = lattices(network);
        Trained trained =
                new TrainingLoop("quantize", training, holdZeros).run(lattices, data, CrossEntropy.of(lattices));
        return new Trained(integers(trained.network()), trained.history());
    }

    /** The network of integers at the steps where learning starts, without any training: what few bits cost. */
    public Network untrained(Network network) {
        return integers(lattices(network));
    }

    /** The network to train, whose weights and activations are on lattices. */
    Network lattices(Network network) {
        Quantizable.check(network, "quantization-aware training");
        Network plain = plain(network);
        List<LayerWeight> chosen = Quantizable.layers(plain, layers, leftFloat(plain), OPERATORS);
        QdqPlan plan = QdqPlan.of(plain, chosen);
        Map<String, StepSearch.Lattice> activations = StepSearch.activations(
                plain, plan.measured(), new MeasuredRecords(data, samples, mask), activationBits);
        return new LearnedLattices(plain, plan, activations, usedBits(), perChannel).network();
    }

    /** The network in an operator set that has what is needed, with constants in one place and normalizations folded. */
    private Network plain(Network network) {
        long opset = storage.of(bits).opset();
        Network upgraded = network.opset() < opset ? new OpsetUpgrade(opset).transform(network) : network;
        Network constant = new IdentityFolding().transform(new ConstantFolding().transform(upgraded));
        return new BatchNormFolding().transform(constant);
    }

    /** A network whose lattices are learned, with integers in their places. */
    Network integers(Network trained) {
        Network written = new LatticeWriter(trained, storage.of(bits)).write();
        return FusionGuard.of(new DeadNodeElimination().transform(written));
    }
}
