package pomona.calibrate;

import java.util.Map;
import java.util.function.Consumer;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;

/**
 * What a layer multiplies its weights with, as a matrix whose columns are those of the weight's {@link MatrixLayout}: a
 * row for each vector that a linear layer is fed, or for each position of a convolution's window.
 *
 * @param layer the layer
 * @param value the name of the value that it multiplies with
 * @param groups how many groups of output features see columns of their own
 */
public record LayerInput(LayerWeight layer, String value, int groups) {

    /**
     * The input of a layer.
     *
     * @throws IllegalArgumentException if the layer is a transposed convolution or a batch of matrices
     */
    public static LayerInput of(Network network, LayerWeight layer) {
        Node node = layer.node();
        boolean convolution = node.is("Conv");
        if (!isMatrix(layer)) {
            throw new IllegalArgumentException("Layer " + layer.layer() + " (" + node.op()
                    + " with a weight of " + layer.tensor().rank()
                    + " dimensions) can not be solved by its inputs; Gemm, MatMul of a matrix and Conv can. Leave it"
                    + " out with layers \"*, !" + layer.layer() + "\".");
        }
        int place = leadsTo(network.graph().producers(), node.input(1), layer.name()) ? 1 : 0;
        return new LayerInput(
                layer, node.input(1 - place), convolution ? Math.toIntExact(node.integer("group", 1)) : 1);
    }

    /** Whether a layer multiplies its weight with rows of a matrix: not a transposed convolution or a batch of matrices. */
    public static boolean isMatrix(LayerWeight layer) {
        Node node = layer.node();
        return node.is("Conv") || !node.is("ConvTranspose") && layer.tensor().rank() == 2;
    }

    private static boolean leadsTo(Map<String, Node> producers, String value, String weight) {
        Node maker = producers.get(value);
        boolean through = maker != null && (maker.is("Identity") || maker.is("Transpose"));
        return through ? leadsTo(producers, maker.input(0), weight) : value.equals(weight);
    }

    /** Visits the rows; the array is the same for each row and is only to be read. */
    public void forEachRow(Tensor data, int group, Consumer<float[]> use) {
        if (layer.node().is("Conv")) {
            Windows.of(layer, data, groups).forEach(data.toFloatArray(), group, use);
        } else {
            forEachVector(data, use);
        }
    }

    private void forEachVector(Tensor data, Consumer<float[]> use) {
        float[] values = data.toFloatArray();
        int rank = data.rank();
        int axis = featureAxis(rank);
        int features = Math.toIntExact(data.dim(axis));
        int inner = 1;
        for (int i = axis + 1; i < rank; i++) {
            inner *= Math.toIntExact(data.dim(i));
        }
        float[] row = new float[features];
        for (int start = 0; start < values.length; start += features * inner) {
            for (int offset = 0; offset < inner; offset++) {
                for (int f = 0; f < features; f++) {
                    row[f] = values[start + f * inner + offset];
                }
                use.accept(row);
            }
        }
    }

    private int featureAxis(int rank) {
        Node node = layer.node();
        boolean first = node.input(0).equals(value);
        if (node.is("Gemm")) {
            long transposed = first ? node.integer("transA", 0) : 1 - node.integer("transB", 0);
            return transposed == 0 ? 1 : 0;
        }
        return first ? rank - 1 : Math.max(0, rank - 2);
    }
}
