package pomona.evaluate;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.graph.Value;

/** Refuses values that are NaN or infinite: it names the first record with one, and the first such value of the network. */
public final class FiniteCheck {

    private final Network network;
    private final String purpose;
    private final String data;
    private final UnaryOperator<String> names;
    private final Map<String, Integer> order = new HashMap<>();
    private long before;

    /**
     * A check of the batches of calibration data, in order.
     *
     * @param network the network that gives the values
     * @param purpose what is to be done with the network, for the message
     * @param names what to call a value in the message
     */
    public FiniteCheck(Network network, String purpose, UnaryOperator<String> names) {
        this(network, purpose, "calibration data", names);
    }

    /**
     * A check of the batches of one data set, in order.
     *
     * @param network the network that gives the values
     * @param purpose what is to be done with the network, for the message
     * @param data what to call the data set in the message
     * @param names what to call a value in the message
     */
    public FiniteCheck(Network network, String purpose, String data, UnaryOperator<String> names) {
        this.network = network;
        this.purpose = purpose;
        this.data = data;
        this.names = names;
        for (Value input : network.signature().inputs()) {
            order.put(input.name(), order.size());
        }
        for (Node node : network.nodes()) {
            node.outputs().forEach(output -> order.putIfAbsent(output, order.size()));
        }
    }

    /** The first record of a batch at which a value is not finite; its size when the record can not be told. */
    private record Found(String name, int place, int record) {}

    /**
     * Checks the next batch.
     *
     * @param values for each value, by name, its records (see {@link PaddingMask#records}), or all of them in one tensor
     * @param size how many records the batch has
     * @throws IllegalArgumentException if one of them is not finite; the message names it and the record
     */
    public void check(Map<String, List<Tensor>> values, int size) {
        Optional<Found> first = values.entrySet().parallelStream()
                .map(entry -> find(entry.getKey(), entry.getValue(), size))
                .flatMap(Optional::stream)
                .min(Comparator.comparingInt(Found::record).thenComparingInt(Found::place));
        if (first.isPresent()) {
            Found found = first.get();
            String where = found.record() < size
                    ? "record " + (before + found.record() + 1)
                    : "one of records " + (before + 1) + " to " + (before + size);
            // What comes from the records is no fault of the network.
            boolean input = network.signature().inputs().stream()
                    .anyMatch(given -> given.name().equals(found.name()));
            throw new IllegalArgumentException(
                    (input ? "Input " : "Value ") + names.apply(found.name()) + " of network "
                            + network.name() + " is NaN or infinite on " + where + " of the " + data + "; a network to "
                            + purpose
                            + (input ? " is fed" : " gives") + " finite values.");
        }
        before += size;
    }

    private Optional<Found> find(String name, List<Tensor> records, int size) {
        for (int i = 0; i < records.size(); i++) {
            int element = notFinite(records.get(i));
            if (element >= 0) {
                int place = order.getOrDefault(name, order.size());
                return Optional.of(new Found(name, place, record(records, i, element, size)));
            }
        }
        return Optional.empty();
    }

    private static int record(List<Tensor> records, int index, int element, int size) {
        if (size == 1 || records.size() == size) {
            return index;
        }
        Tensor all = records.get(0);
        boolean apart = all.rank() > 0 && all.dim(0) % size == 0;
        return apart ? (int) (element / (all.size() / size)) : size;
    }

    private static int notFinite(Tensor tensor) {
        float[] values = tensor.type().isFloating() ? tensor.toFloatArray() : new float[0];
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                return i;
            }
        }
        return -1;
    }
}
