package pomona.prune;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pomona.evaluate.Activations;
import pomona.graph.Network;
import pomona.graph.Tensor;

/** Measures on data how much residual blocks turn what goes through them. */
final class BlockInfluence {

    private final Network network;
    private final List<ResidualBlock> blocks;

    BlockInfluence(Network network, List<ResidualBlock> blocks) {
        this.network = network;
        this.blocks = blocks;
    }

    /** One minus the mean cosine of each record's value before and after each block. */
    double[] measure(RandomAccessDataset data, int records) {
        Set<String> watched = new LinkedHashSet<>();
        blocks.forEach(block -> watched.addAll(List.of(block.skip(), block.sum().output())));
        double[] sums = new double[blocks.size()];
        Map<String, Tensor> values = new HashMap<>();
        String task = "measure blocks of " + network.name();
        Activations.forEach(task, network, watched, data, records, (name, tensor) -> {
            values.put(name, tensor);
            if (values.size() == watched.size()) {
                add(values, sums);
                values.clear();
            }
        });
        long count = Math.min(records, data.size());
        for (int i = 0; i < sums.length; i++) {
            sums[i] /= count;
        }
        return sums;
    }

    private void add(Map<String, Tensor> values, double[] sums) {
        for (int i = 0; i < sums.length; i++) {
            Tensor before = values.get(blocks.get(i).skip());
            Tensor after = values.get(blocks.get(i).sum().output());
            int size = Math.toIntExact(before.dim(0));
            sums[i] += size * (1 - meanCosine(before, after, size));
        }
    }

    private static double meanCosine(Tensor left, Tensor right, int records) {
        float[] a = left.toFloatArray();
        float[] b = right.toFloatArray();
        int size = a.length / records;
        double sum = 0;
        for (int record = 0; record < records; record++) {
            double product = 0;
            double lengthA = 0;
            double lengthB = 0;
            for (int i = record * size; i < (record + 1) * size; i++) {
                product += a[i] * (double) b[i];
                lengthA += a[i] * (double) a[i];
                lengthB += b[i] * (double) b[i];
            }
            sum += product / Math.max(1e-30, Math.sqrt(lengthA * lengthB));
        }
        return sum / records;
    }
}
