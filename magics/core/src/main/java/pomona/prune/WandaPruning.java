package pomona.prune;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import pomona.calibrate.MatrixLayout;
import pomona.calibrate.WeightInputs;
import pomona.evaluate.Activations;
import pomona.evaluate.MeasuredRecords;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.pass.Option;

/**
 * Sets weights to zero that contribute least: the magnitude of a weight times the norm of what it is multiplied with,
 * compared inside each output feature. Needs unlabelled data and no training.
 *
 * <p>The norm is over all records and positions, and all layers that share the weight, see {@link WeightInputs}; for a
 * convolution each place of the kernel has its own.
 *
 * <p>Source: Sun et al., A Simple and Effective Pruning Approach for Large Language Models, 2023 (arXiv 2306.11695),
 * equation 1 and section 3.
 *
 * @param sparsity the share of weights to be zero, from 0 up to but not including 1; those that are zero already count
 * @param scope among which weights the target is reached
 * @param data records of one array for each input of the network; labels are not looked at
 * @param records how many records to look at, at most; 1 or more
 * @param selection which weights may go, and in what pieces
 * @param mask the input that is 0 where records are padded, which is then not measured; none when empty
 */
public record WandaPruning(
        @Option(value = "share of weights to be zero, from 0 up to but not including 1", defaultsTo = "0.5")
        double sparsity,

        @Option(
                value = "output: the least of each output; layer: of each layer; global: of all layers together",
                defaultsTo = "output")
        Scope scope,

        @Option("data to measure activations on") RandomAccessDataset data,

        @Option(value = "how many records to look at, 1 or more", defaultsTo = "128")
        int records,

        @Option("which weights, in what pieces") Selection selection,

        @Option(value = "the input that is 0 where records are padded, such as attention_mask", defaultsTo = "")
        String mask)
        implements Sparsification {

    public WandaPruning {
        SparsityCuts.check(sparsity, scope, selection);
        Checks.data("Wanda", data, records);
        mask = mask == null ? "" : mask.strip();
    }

    /** Prunes by whole records. */
    public WandaPruning(double sparsity, Scope scope, RandomAccessDataset data, int records, Selection selection) {
        this(sparsity, scope, data, records, selection, "");
    }

    /** Prunes inside each output feature, by 128 records. */
    public WandaPruning(double sparsity, RandomAccessDataset data) {
        this(sparsity, Scope.OUTPUT, data, 128, Selection.ALL);
    }

    @Override
    public WandaPruning withSparsity(double target) {
        return new WandaPruning(target, scope, data, records, selection, mask);
    }

    @Override
    public Network transform(Network network) {
        SparsityCuts cuts = new SparsityCuts(sparsity, scope, selection);
        PrunableWeights chosen = cuts.chosen(network);
        Map<String, double[][]> norms = norms(chosen);
        return cuts.prune(chosen, weight -> scored(weight, norms.get(weight.name())));
    }

    /** The norm of each column of each group's inputs, by weight. */
    private Map<String, double[][]> norms(PrunableWeights chosen) {
        Map<String, List<WeightInputs>> byValue = new LinkedHashMap<>();
        Map<String, double[][]> norms = new HashMap<>();
        for (WeightInputs inputs : WeightInputs.of(chosen.network(), chosen.layers())) {
            inputs.values().forEach(value -> byValue.computeIfAbsent(value, v -> new ArrayList<>())
                    .add(inputs));
            norms.put(inputs.weight().name(), new double[inputs.groups()][inputs.columns()]);
        }
        Activations.forEachFinite(
                "measure activations of " + chosen.network().name(),
                "prune",
                chosen.network(),
                byValue.keySet(),
                new MeasuredRecords(data, records, mask),
                (value, tensor) -> {
                    for (WeightInputs inputs : byValue.get(value)) {
                        addSquares(
                                inputs, value, tensor, norms.get(inputs.weight().name()));
                    }
                });
        return norms;
    }

    private static void addSquares(WeightInputs inputs, String value, Tensor tensor, double[][] sums) {
        double across = inputs.squareAcross(value, tensor);
        for (int group = 0; group < sums.length; group++) {
            double[] sum = sums[group];
            inputs.forEachRow(value, tensor, group, row -> addSquares(row, sum));
            for (int column = 0; column < sum.length; column++) {
                sum[column] += across;
            }
        }
    }

    private static void addSquares(float[] row, double[] sums) {
        for (int i = 0; i < row.length; i++) {
            sums[i] += (double) row[i] * row[i];
        }
    }

    private static PrunableWeight scored(LayerWeight weight, double[][] squares) {
        MatrixLayout layout = MatrixLayout.of(weight);
        float[] values = weight.tensor().toFloatArray();
        double[] scores = new double[values.length];
        for (int row = 0; row < layout.rows(); row++) {
            double[] ofGroup = squares[row / (layout.rows() / squares.length)];
            for (int column = 0; column < layout.columns(); column++) {
                int element = layout.element(row, column);
                scores[element] = Math.abs(values[element]) * Math.sqrt(ofGroup[column]);
            }
        }
        return new ScoredWeight(weight, "Wanda", element -> scores[element]);
    }
}
