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
 * fit into memory together; a group sees what the layers before its own have become.
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
        List<LayerInput> group = new ArrayList<>();
        long bytes = 0;
        for (LayerWeight layer : layers) {
            LayerInput input = LayerInput.of(network, layer);
            long size = MatrixLayout.of(layer).columns();
            long needed = 8 * size * size * input.groups();
            if (bytes > 0 && bytes + needed > MEMORY) {
                result = solveGroup(result, group, solver);
                group.clear();
                bytes = 0;
            }
            group.add(input);
            bytes += needed;
        }
        return solveGroup(result, group, solver);
    }

    private Network solveGroup(Network network, List<LayerInput> group, Solver solver) {
        Map<String, InputHessian[]> hessians = measure(network, group);
        Map<String, Tensor> changed = new LinkedHashMap<>();
        try (Progress progress = Progress.start("solve layers of " + network.name(), group.size())) {
            for (LayerInput input : group) {
                // Taken out, so that a Hessian is freed as soon as its layer is solved.
                String name = input.layer().name();
                changed.put(name, solver.solve(input.layer(), hessians.remove(name)));
                progress.advance(1, input.layer().layer());
            }
        }
        return network.withWeights(changed);
    }

    private Map<String, InputHessian[]> measure(Network network, List<LayerInput> group) {
        Map<String, List<LayerInput>> byValue = new LinkedHashMap<>();
        Map<String, InputHessian[]> hessians = new HashMap<>();
        for (LayerInput input : group) {
            byValue.computeIfAbsent(input.value(), v -> new ArrayList<>()).add(input);
            InputHessian[] sums = new InputHessian[input.groups()];
            for (int i = 0; i < sums.length; i++) {
                sums[i] = new InputHessian(MatrixLayout.of(input.layer()).columns());
            }
            hessians.put(input.layer().name(), sums);
        }
        Activations.forEachFinite(
                doing + " of " + network.name(), "measure", network, byValue.keySet(), records, (value, tensor) -> {
                    for (LayerInput input : byValue.get(value)) {
                        InputHessian[] sums = hessians.get(input.layer().name());
                        for (int i = 0; i < sums.length; i++) {
                            input.forEachRow(tensor, i, sums[i]::add);
                        }
                    }
                });
        return hessians;
    }
}
