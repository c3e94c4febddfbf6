package pomona.calibrate;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;

/**
 * What all layers that share a weight multiply it with, so that a change of the weight is judged by what it does to the
 * outputs of each of them.
 *
 * <p>The rows of all layers that contract the same dimension of the weight count alike, times the alpha of a Gemm where
 * there are several. Layers that take the weight transposed relative to the first one multiply its other dimension: their
 * rows do not fit its columns, and count with their mean square only, the same for each column, as if what they are fed
 * were without pattern. Transposed convolutions and batches of matrices that share the weight do not count, nor do
 * look-ups by Gather.
 *
 * @param weight the weight, as its first layer has it
 * @param readers the layers that contract the same dimension as the first one, which is among them
 * @param across the layers that contract its other dimension
 */
public record WeightInputs(LayerWeight weight, List<LayerInput> readers, List<LayerInput> across) {

    /**
     * The inputs of weights.
     *
     * @throws IllegalArgumentException if the first layer of one has no matrix of inputs, see {@link LayerInput#of}
     */
    public static List<WeightInputs> of(Network network, List<LayerWeight> weights) {
        Map<String, List<LayerWeight>> uses =
                LayerWeight.uses(network).stream().collect(Collectors.groupingBy(LayerWeight::name));
        return weights.stream()
                .map(weight -> of(network, weight, uses.getOrDefault(weight.name(), List.of())))
                .toList();
    }

    private static WeightInputs of(Network network, LayerWeight weight, List<LayerWeight> uses) {
        List<LayerInput> readers = new ArrayList<>(List.of(LayerInput.of(network, weight)));
        List<LayerInput> across = new ArrayList<>();
        for (LayerWeight use : uses) {
            if (use.node().equals(weight.node()) || !LayerInput.isMatrix(use)) {
                continue;
            }
            LayerInput input = LayerInput.of(network, use);
            // A product of two weights has no rows that are measured.
            if (!network.weights().containsKey(input.value())) {
                (use.outputAxis() == weight.outputAxis() ? readers : across).add(input);
            }
        }
        return new WeightInputs(weight, List.copyOf(readers), List.copyOf(across));
    }

    /** Whether more than one layer counts. */
    public boolean isShared() {
        return readers.size() + across.size() > 1;
    }

    /** How many groups of output features see rows of their own; convolutions that differ in theirs share the finest. */
    public int groups() {
        return readers.stream().mapToInt(LayerInput::groups).reduce(1, WeightInputs::leastCommonMultiple);
    }

    private static int leastCommonMultiple(int a, int b) {
        int greatest = a;
        for (int rest = b; rest != 0; ) {
            int next = greatest % rest;
            greatest = rest;
            rest = next;
        }
        return a / greatest * b;
    }

    /** The length of a row: the columns of the weight's {@link MatrixLayout}. */
    public int columns() {
        return MatrixLayout.of(weight).columns();
    }

    /** The names of the values that the layers are fed. */
    public Set<String> values() {
        return Stream.concat(readers.stream(), across.stream())
                .map(LayerInput::value)
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /** Visits the rows that a value feeds a group of output features; the array is only to be read. */
    public void forEachRow(String value, Tensor data, int group, Consumer<float[]> use) {
        for (LayerInput reader : readers) {
            if (reader.value().equals(value)) {
                int own = Math.toIntExact((long) group * reader.groups() / groups());
                reader.forEachRow(data, own, scaled(reader, use));
            }
        }
    }

    /** The sum over the rows that a value feeds layers across of their mean square, which counts for each column. */
    public double squareAcross(String value, Tensor data) {
        double[] sum = {0};
        for (LayerInput reader : across) {
            if (reader.value().equals(value)) {
                reader.forEachRow(data, 0, scaled(reader, row -> sum[0] += meanSquare(row)));
            }
        }
        return sum[0];
    }

    private static double meanSquare(float[] row) {
        double sum = 0;
        for (float number : row) {
            sum += number * (double) number;
        }
        return sum / row.length;
    }

    /** By the factor of a product, which matters beside other products only. */
    private Consumer<float[]> scaled(LayerInput reader, Consumer<float[]> use) {
        Node node = reader.layer().node();
        float alpha = node.is("Gemm") && isShared() ? node.real("alpha", 1) : 1;
        if (alpha == 1) {
            return use;
        }
        return row -> {
            float[] product = new float[row.length];
            for (int i = 0; i < product.length; i++) {
                product[i] = alpha * row[i];
            }
            use.accept(product);
        };
    }
}
