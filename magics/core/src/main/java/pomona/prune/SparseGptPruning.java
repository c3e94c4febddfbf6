package pomona.prune;

import ai.djl.training.dataset.RandomAccessDataset;
import pomona.calibrate.InputHessian;
import pomona.calibrate.InverseFactor;
import pomona.calibrate.LayerHessians;
import pomona.calibrate.MatrixLayout;
import pomona.evaluate.MeasuredRecords;
import pomona.graph.ElementType;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.pass.LayerPattern;
import pomona.pass.Option;

/**
 * Removes weights in one shot and changes those that stay, so that each layer's outputs on some data stay as close as
 * they can. Needs unlabelled data and no training; every layer reaches the target, and goes beyond
 * it where the data never feeds more of its inputs than that: their weights can not matter.
 *
 * <p>Layers are solved in the order of the network, in groups whose Hessians fit into memory together; a group sees what
 * the layers before its own have become. Gemm, MatMul and Conv are solved, convolutions by the windows over their data; a
 * weight that several layers share is solved by what all of them are fed, see {@link pomona.calibrate.WeightInputs}.
 *
 * <p>Source: Frantar and Alistarh, SparseGPT: Massive Language Models Can Be Accurately Pruned in One-Shot, 2023 (arXiv
 * 2301.00774), Algorithm 1, with blocks of 128 columns.
 *
 * @param sparsity the share of weights to be zero in each layer, from 0 up to but not including 1
 * @param data records of one array for each input of the network; labels are not looked at
 * @param records how many records to look at, at most; 1 or more
 * @param dampening what is added to the Hessian's diagonal, as a share of its mean; above 0
 * @param granularity {@code weight}, or N:M such as {@code 2:4}
 * @param layers which layers, by weight or operator name
 * @param mask the input that is 0 where records are padded, which is then not measured; none when empty
 */
public record SparseGptPruning(
        @Option(value = "share of weights to be zero, from 0 up to but not including 1", defaultsTo = "0.5")
        double sparsity,

        @Option("data to measure activations on") RandomAccessDataset data,

        @Option(value = "how many records to look at, 1 or more", defaultsTo = "128")
        int records,

        @Option(value = "what is added to the Hessian's diagonal, as a share of its mean", defaultsTo = "0.01")
        double dampening,

        @Option(value = "weight, or N:M such as 2:4", defaultsTo = "weight")
        Granularity granularity,

        @Option(value = "weight or operator names, with * and ?, separated by commas; ! takes away", defaultsTo = "*")
        String layers,

        @Option(value = "the input that is 0 where records are padded, such as attention_mask", defaultsTo = "")
        String mask)
        implements Sparsification {

    public SparseGptPruning {
        SparsityCuts.check(sparsity, Scope.LAYER, Selection.ALL.withGranularity(granularity));
        Checks.data("SparseGPT", data, records);
        if (granularity.isBlock()) {
            throw new IllegalArgumentException(
                    "SparseGPT removes single weights or N:M; granularity " + granularity + " is neither.");
        }
        if (!(dampening > 0 && dampening < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("dampening must be above 0; it was " + dampening + ".");
        }
        new LayerPattern(layers);
        mask = mask == null ? "" : mask.strip();
    }

    /** Prunes by whole records. */
    public SparseGptPruning(
            double sparsity,
            RandomAccessDataset data,
            int records,
            double dampening,
            Granularity granularity,
            String layers) {
        this(sparsity, data, records, dampening, granularity, layers, "");
    }

    /** Prunes single weights of all layers, by 128 records. */
    public SparseGptPruning(double sparsity, RandomAccessDataset data) {
        this(sparsity, data, 128, 0.01, Granularity.WEIGHT, "*");
    }

    @Override
    public SparseGptPruning withSparsity(double target) {
        return new SparseGptPruning(target, data, records, dampening, granularity, layers, mask);
    }

    @Override
    public Network transform(Network network) {
        PrunableWeights chosen = PrunableWeights.of(network, layers);
        chosen.layers().forEach(SparseGptPruning::check);
        if (granularity.isSomeOfMany()) {
            RowCut.someOf(chosen.layers().stream().map(PrunableWeight::new).toList(), granularity);
        }
        return new LayerHessians(new MeasuredRecords(data, records, mask), "measure activations")
                .solve(chosen.network(), chosen.layers(), this::solve);
    }

    private static void check(LayerWeight layer) {
        new PrunableWeight(layer).refuseInfinite();
        if (layer.tensor().type() != ElementType.FLOAT) {
            throw new IllegalArgumentException("Weight " + layer.name() + " is of type "
                    + layer.tensor().type() + "; SparseGPT changes weights of type FLOAT.");
        }
    }

    private Tensor solve(LayerWeight layer, InputHessian[] hessians) {
        MatrixLayout layout = MatrixLayout.of(layer);
        float[] values = layer.tensor().toFloatArray();
        int rows = layout.rows() / hessians.length;
        for (int group = 0; group < hessians.length; group++) {
            float[][] matrix = new float[rows][layout.columns()];
            for (int row = 0; row < rows; row++) {
                for (int column = 0; column < layout.columns(); column++) {
                    matrix[row][column] = values[layout.element(group * rows + row, column)];
                }
            }
            SparseGptSolver solver = new SparseGptSolver(matrix, factor(layer, hessians[group].matrix(), matrix));
            if (granularity.isSomeOfMany()) {
                solver.removeAllBut(granularity.first(), granularity.second());
            } else {
                solver.removeShare(sparsity);
            }
            for (int row = 0; row < rows; row++) {
                for (int column = 0; column < layout.columns(); column++) {
                    values[layout.element(group * rows + row, column)] = matrix[row][column];
                }
            }
        }
        return Tensor.ofFloats(values, layer.tensor().shape());
    }

    private double[][] factor(LayerWeight layer, double[][] hessian, float[][] weights) {
        for (int i = 0; i < hessian.length; i++) {
            if (hessian[i][i] == 0) {
                // Nothing ever comes in here: these weights do not matter.
                for (float[] row : weights) {
                    row[i] = 0;
                }
            }
        }
        return InverseFactor.of(layer, hessian, dampening);
    }
}
