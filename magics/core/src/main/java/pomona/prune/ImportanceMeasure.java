package pomona.prune;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pomona.evaluate.Activations;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.structure.Coupling;
import pomona.train.GradientMoments;

/** Measures what makes channels matter; those without a score can not be compared. */
record ImportanceMeasure(ChannelImportance importance, RandomAccessDataset data, int records, long seed) {

    /** Small, so that gradients of single records do not cancel out; large enough to be fast. */
    private static final int BATCH = 16;

    private static final Set<String> READERS = Set.of("Conv", "ConvTranspose", "Gemm", "MatMul", "LSTM", "GRU", "RNN");

    Map<Integer, Double> of(Structures structures) {
        ChannelScores scores = new ChannelScores(structures.coupling());
        return switch (importance) {
            case L1 -> scores.magnitudes();
            case L2 -> scores.roots();
            case BATCH_NORM_SCALE -> scores.batchNormScales();
            case GEOMETRIC_MEDIAN -> scores.distances(structures.groups());
            case TAYLOR -> gradients(structures.coupling(), scores.layerWeights());
            case ACTIVATION -> activations(structures.coupling());
            case RANDOM -> ChannelScores.random(structures.groups(), seed);
        };
    }

    private Map<Integer, Double> gradients(Coupling coupling, Set<String> layerWeights) {
        Network network = coupling.network();
        List<String> weights = layerWeights.stream()
                .filter(name -> network.weight(name).type() == ElementType.FLOAT)
                .toList();
        GradientMoments moments = GradientMoments.of(network, weights, data, BATCH, records, seed);
        ChannelMeans means = new ChannelMeans();
        for (String name : weights) {
            Tensor weight = network.weight(name);
            float[] values = weight.toFloatArray();
            float[] squares = moments.squares().get(name);
            means.add(coupling.channels(name), weight.shape(), i -> values[i] * (double) values[i] * squares[i]);
        }
        return means.means();
    }

    private Map<Integer, Double> activations(Coupling coupling) {
        Network network = coupling.network();
        Set<String> read = new LinkedHashSet<>();
        for (Node node : network.nodes()) {
            if (node.domain().isEmpty() && READERS.contains(node.op())) {
                read.addAll(node.inputs().subList(0, node.is("MatMul") ? 2 : 1));
            }
        }
        read.retainAll(coupling.values());
        read.removeAll(network.weights().keySet());
        ChannelMeans means = new ChannelMeans();
        Activations.forEach("measure channels of " + network.name(), network, read, data, records, (name, tensor) -> {
            float[] values = tensor.toFloatArray();
            means.add(coupling.channels(name), tensor.shape(), i -> Math.abs(values[i]));
        });
        return means.means();
    }
}
