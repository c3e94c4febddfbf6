package pomona.quantize;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.LinkedHashSet;
import java.util.Set;
import pomona.evaluate.Activations;
import pomona.evaluate.FiniteCheck;
import pomona.evaluate.MeasuredRecords;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Value;

/**
 * Refuses records on which a network of floats gives values that are NaN or infinite, where a technique would else count
 * them as wrong answers or as noise.
 */
final class FiniteRecords {

    private FiniteRecords() {}

    /** All records of a data set. */
    static MeasuredRecords all(RandomAccessDataset data, String mask) {
        return new MeasuredRecords(data, Integer.MAX_VALUE, mask);
    }

    /**
     * Runs the network and looks at its inputs and outputs, and at what its layers are fed.
     *
     * @param data what to call the records in the message
     * @throws IllegalArgumentException if a value is not finite; the message names it and the record
     */
    static void check(Network network, String data, MeasuredRecords records) {
        Set<String> values = new LinkedHashSet<>();
        network.signature().inputs().stream().map(Value::name).forEach(values::add);
        for (LayerWeight layer : LayerScheme.candidates(network)) {
            values.addAll(layer.node().inputs());
        }
        network.signature().outputs().stream().map(Value::name).forEach(values::add);
        values.remove("");
        values.removeAll(network.weights().keySet());
        FiniteCheck check = new FiniteCheck(network, "quantize", data, name -> name);
        Activations.forEachReal(
                "check the " + data + " of " + network.name(),
                network,
                values,
                records,
                (batch, given) -> check.check(given, batch.size()));
    }
}
