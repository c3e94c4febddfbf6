package pomona.quantize;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
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
 * INT4, are rewritten in it.
 *
 * <p>Source: Esser et al., Learned Step Size Quantization, 2020 (arXiv 1902.08153), section 2; zero points as in Jacob et
 * al., 2018 (arXiv 1712.05877), section 2.
 *
 * @param bits how many bits weights have, 2 to 8
 * @param activationBits how many bits activations have, 2 to 8
 * @param perChannel whether each output of a layer has its own step, or all share one
 * @param storage how the integers of weights are stored
 * @param layers which layers, by weight or operator name: {@code *} and {@code ?} are wildcards, commas separate, {@code
 *     !} takes away
 * @param data labelled records of one array for each input of the network
 * @param samples on how many of the first records the activations' first steps are found, 1 or more
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

        @Option("settings of the training") Training training,

        @Option(value = "whether weights that are zero stay zero", defaultsTo = "true")
        boolean holdZeros)
        implements Pass {

    public QuantizationAwareTraining {
        checkBits("bits", bits);
        checkBits("activation-bits", activationBits);
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
        if (training == null) {
            throw new IllegalArgumentException("Quantization-aware training needs training settings; none were given.");
        }
    }

    /** So many bits for weights and activations of all layers, with a step for each output. */
    public QuantizationAwareTraining(int bits, RandomAccessDataset data, Training training) {
        this(bits, bits, true, WeightStorage.AUTO, "*", data, 512, training, true);
    }

    /** The same with weights that are stored in another way. */
    public QuantizationAwareTraining with(WeightStorage newStorage) {
        return new QuantizationAwareTraining(
                bits, activationBits, perChannel, newStorage, layers, data, samples, training, holdZeros);
    }

    private static void checkBits(String option, int bits) {
        if (bits < 2 || bits > 8) {
            throw new IllegalArgumentException("Option " + option + " is " + bits + ", but it is from 2 to 8.");
        }
    }

    /** The step names the storage that was used. */
    @Override
    public Step step() {
        Map<String, String> options = new LinkedHashMap<>(Pass.super.step().options());
        options.put("storage", storage.of(bits).name().toLowerCase(Locale.ROOT));
        return new Step(Pass.super.step().name(), options);
    }

    @Override
    public Network transform(Network network) {
        return train(network).network();
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
        long opset = storage.of(bits).opset();
        Network upgraded = network.opset() < opset ? new OpsetUpgrade(opset).transform(network) : network;
        Network constant = new IdentityFolding().transform(new ConstantFolding().transform(upgraded));
        Network plain = new BatchNormFolding().transform(constant);
        QdqPlan plan = QdqPlan.of(plain, Quantizable.layers(plain, layers, "Conv", "Gemm", "MatMul"));
        Map<String, StepSearch.Lattice> activations =
                StepSearch.activations(plain, plan.measured(), data, samples, activationBits);
        return new LearnedLattices(plain, plan, activations, bits, perChannel).network();
    }

    /** A network whose lattices are learned, with integers in their places. */
    Network integers(Network trained) {
        Network written = new LatticeWriter(trained, storage.of(bits)).write();
        return FusionGuard.of(new DeadNodeElimination().transform(written));
    }
}
