package pomona.calibrate;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import pomona.evaluate.Activations;
import pomona.evaluate.MeasuredRecords;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.pass.Progress;

/**
 * Changes the weights of layers by the Hessians of their inputs, in the order of the network, in groups whose Hessians
 * fit into memory together; a group sees what the layers before its own have become. A weight that several layers share is
 * changed once, by the sum of the Hessians of all of them, see {@link WeightInputs}.
 *
 * @param records records to look at; what is padding counts in no Hessian but those of convolutions
 * @param doing what is done, to show with the progress, such as {@code "measure activations"}
 */
public record LayerHessians(MeasuredRecords records, String doing) {

    /** The Hessians of a group of layers take about this much memory, in bytes. */
    private static final long MEMORY = 384L << 20;

    /** What makes a layer's new weight out of the Hessians of its inputs. */
    @FunctionalInterface
    public interface Solver {
        /**
         * The new weight.
         *
         * @param layer the weight, as the first layer that takes it has it
         * @param hessians one for each group of output features, whose columns are those of the weight's {@link
         *     MatrixLayout}
         */
        Tensor solve(LayerWeight layer, InputHessian[] hessians);
    }

    /**
     * The network with the new weights of some layers.
     *
     * @throws IllegalArgumentException if a layer has no matrix of inputs, see {@link LayerInput#of}, or the data do not
     *     fit the network
     */
    public Network solve(Network network, List<LayerWeight> layers, Solver solver) {
        Network result = network;
        List<WeightInputs> group = new ArrayList<>();
        long bytes = 0;
        for (WeightInputs inputs : WeightInputs.of(network, layers)) {
            long size = inputs.columns();
            long needed = 8 * size * size * inputs.groups();
            if (bytes > 0 && bytes + needed > MEMORY) {
                result = solveGroup(result, group, solver);
                group.clear();
                bytes = 0;
            }
            group.add(inputs);
            bytes += needed;
        }
        return group.isEmpty() ? result : solveGroup(result, group, solver);
    }

    private Network solveGroup(Network network, List<WeightInputs> group, Solver solver) {
        Map<String, InputHessian[]> hessians = measure(network, group);
        Map<String, Tensor> changed = new LinkedHashMap<>();
        try (Progress progress = Progress.start("solve layers of " + network.name(), group.size())) {
            for (WeightInputs inputs : group) {
                // Taken out, so that a Hessian is freed as soon as its layer is solved.
                LayerWeight layer = inputs.weight();
                changed.put(layer.name(), solver.solve(layer, hessians.remove(layer.name())));
                progress.advance(1, layer.layer());
            }
        }
        return network.withWeights(changed);
    }

    private Map<String, InputHessian[]> measure(Network network, List<WeightInputs> group) {
        Map<String, List<WeightInputs>> byValue = new LinkedHashMap<>();
        Map<String, InputHessian[]> hessians = new HashMap<>();
        for (WeightInputs inputs : group) {
            inputs.values().forEach(value -> byValue.computeIfAbsent(value, v -> new ArrayList<>())
                    .add(inputs));
            InputHessian[] sums = new InputHessian[inputs.groups()];
            for (int i = 0; i < sums.length; i++) {
                sums[i] = new InputHessian(inputs.columns());
            }
            hessians.put(inputs.weight().name(), sums);
        }
        Activations.forEachFinite(
                doing + " of " + network.name(), "measure", network, byValue.keySet(), records, (value, tensor) -> {
                    for (WeightInputs inputs : byValue.get(value)) {
                        add(inputs, value, tensor, hessians.get(inputs.weight().name()));
                    }
                });
        return hessians;
    }

    private static void add(WeightInputs inputs, String value, Tensor tensor, InputHessian[] sums) {
        double across = inputs.squareAcross(value, tensor);
        for (int i = 0; i < sums.length; i++) {
            inputs.forEachRow(value, tensor, i, sums[i]::add);
            sums[i].addToDiagonal(across);
        }
    }
}
