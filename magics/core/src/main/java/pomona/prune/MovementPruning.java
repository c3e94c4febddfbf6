package pomona.prune;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import pomona.djl.StraightThrough;
import pomona.graph.FreshNames;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.pass.LayerPattern;
import pomona.pass.Option;
import pomona.train.CrossEntropy;
import pomona.train.Trained;
import pomona.train.Training;
import pomona.train.TrainingLoop;

/**
 * Prunes while training goes on the weights that move towards zero: each weight has a score that is learned with it, and
 * in each step only the weights of the highest scores of their layer take part.
 *
 * <p>Scores start at zero and get the gradient of the masked weight times the weight, so a weight whose steps lead away
 * from zero gains, and one that is out may come back. The share that is out rises along the schedule and stays at its end
 * for the epochs that are left. What is zero already stays zero and counts. Biases, normalizations and embeddings are
 * trained and not pruned.
 *
 * <p>Source: Sanh, Wolf and Rush, Movement Pruning: Adaptive Sparsity by Fine-Tuning, 2020 (arXiv 2005.07683), section 4:
 * hard movement pruning, with the masks of the highest scores of each weight and a cubic schedule.
 *
 * @param sparsity the share of weights of each layer to be zero in the end, from 0 up to but not including 1
 * @param pruningSchedule how the share rises
 * @param pruningEpochs over how many epochs it rises; the epochs after them train what is left; 1 or more
 * @param layers which layers, by weight or operator name: {@code *} and {@code ?} are wildcards, commas separate,
 *     {@code !} takes away
 * @param data labelled records of one array for each input of the network
 * @param training the settings of the training; weight decay acts on scores too
 */
public record MovementPruning(
        @Option(
                value = "share of each layer's weights to be zero, from 0 up to but not including 1",
                defaultsTo = "0.5")
        double sparsity,

        // Not named schedule: that is the learning rate's.
        @Option(value = "how the share rises: linear, or cubic (fast at first)", defaultsTo = "cubic")
        PruningSchedule pruningSchedule,

        @Option(value = "over how many epochs the share rises, 1 or more", defaultsTo = "1")
        int pruningEpochs,

        @Option(value = "weight or operator names, with * and ?, separated by commas; ! takes away", defaultsTo = "*")
        String layers,

        @Option("labelled data to train on") RandomAccessDataset data,

        @Option("settings of the training") Training training)
        implements Sparsification {

    public MovementPruning {
        SparsityCuts.check(sparsity, Scope.LAYER, Selection.ALL);
        Checks.notNull(pruningSchedule, "pruning-schedule", "linear or cubic");
        new LayerPattern(layers);
        if (data == null) {
            throw new IllegalArgumentException(
                    "Movement pruning needs data to train on; none was given (option data).");
        }
        Checks.notNull(training, "training", "the settings of a training");
        GradualShare.check(pruningEpochs, training);
    }

    /** Prunes all layers along a cubic schedule. */
    public MovementPruning(double sparsity, int pruningEpochs, RandomAccessDataset data, Training training) {
        this(sparsity, PruningSchedule.CUBIC, pruningEpochs, "*", data, training);
    }

    @Override
    public MovementPruning withSparsity(double target) {
        return new MovementPruning(target, pruningSchedule, pruningEpochs, layers, data, training);
    }

    @Override
    public Network transform(Network network) {
        return train(network).network();
    }

    /** Does the work and gives the losses on the way as well; the provenance is left as it was. */
    public Trained train(Network given) {
        PrunableWeights chosen = PrunableWeights.of(given, layers);
        List<Scored> scored = scored(chosen);
        GradualShare share = new GradualShare(sparsity, pruningSchedule, pruningEpochs, training);
        TrainingLoop.Revision revision = (step, steps, now) -> scored.stream()
                .collect(Collectors.toMap(Scored::removed, weight -> weight.count(share.at(step, steps))));
        Trained trained = new TrainingLoop("prune", training, true, revision)
                .run(masked(chosen.network(), scored), data, CrossEntropy.of(given));
        return new Trained(pruned(chosen.network(), trained.network(), scored), trained.history());
    }

    /** A weight with the names of what is learned about it. */
    private record Scored(LayerWeight weight, String scores, String removed, String masked) {

        Tensor count(double share) {
            return Tensor.ofLongs(new long[] {Math.round(share * weight.tensor().size())});
        }
    }

    private static List<Scored> scored(PrunableWeights chosen) {
        FreshNames names = new FreshNames(chosen.network());
        return chosen.layers().stream()
                .map(weight -> new Scored(
                        weight,
                        names.value(weight.name() + ".scores"),
                        names.value(weight.name() + ".removed"),
                        names.value(weight.name() + ".masked")))
                .toList();
    }

    /** The network whose layers take their weights behind masks. */
    private static Network masked(Network network, List<Scored> scored) {
        NetworkBuilder builder = network.toBuilder();
        Map<String, String> masked = new LinkedHashMap<>();
        List<Node> nodes = new ArrayList<>();
        for (Scored one : scored) {
            int size = Math.toIntExact(one.weight().tensor().size());
            builder.weight(one.scores(), Tensor.ofFloats(new float[size], size)).weight(one.removed(), one.count(0));
            nodes.add(StraightThrough.top(one.weight().name(), one.scores(), one.removed(), one.masked()));
            masked.put(one.weight().name(), one.masked());
        }
        for (Node node : network.nodes()) {
            nodes.add(node.withInputs(node.inputs().stream()
                    .map(input -> masked.getOrDefault(input, input))
                    .toList()));
        }
        return builder.nodes(nodes).build();
    }

    /** The given network with what was learned, cut by the scores. */
    private Network pruned(Network network, Network trained, List<Scored> scored) {
        Map<String, Tensor> learned = new LinkedHashMap<>();
        network.weights().keySet().forEach(name -> learned.put(name, trained.weight(name)));
        Map<String, float[]> scores = scored.stream()
                .collect(Collectors.toMap(one -> one.weight().name(), one -> trained.weight(one.scores())
                        .toFloatArray()));
        return new SparsityCuts(sparsity, Scope.LAYER, Selection.layers(layers))
                .prune(network.withWeights(learned), weight -> {
                    float[] own = scores.get(weight.name());
                    return new ScoredWeight(weight, "movement", i -> own[i]);
                });
    }
}
