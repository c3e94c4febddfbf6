package pomona.evaluate;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import pomona.djl.RuntimeSession;
import pomona.graph.Attribute;
import pomona.graph.Dimension;
import pomona.graph.Network;
import pomona.graph.ShapeInference;
import pomona.graph.Tensor;
import pomona.graph.Value;
import pomona.pass.Progress;

/**
 * The values inside a network on the records of a data set, one batch at a time on ONNX Runtime, so that only one batch
 * is held.
 */
public final class Activations {

    /** The values of one batch take about this much memory, in bytes. */
    private static final long MEMORY = 64L << 20;

    private static final int LARGEST_BATCH = 64;

    private Activations() {}

    /**
     * Runs a network and hands out what it computes on the way.
     *
     * @param task what to call the work where progress is shown
     * @param values the names of values in the network, its inputs among them if wanted
     * @param data the data set, whose parts are the network's inputs in order
     * @param records how many records to read at most
     * @param use gets each of the values of each batch, by name; the batch is the first dimension of what depends on it
     * @throws IllegalArgumentException if the data set is empty or does not fit the network
     * @throws CancellationException if the thread was interrupted
     */
    public static void forEach(
            String task,
            Network network,
            Collection<String> values,
            RandomAccessDataset data,
            long records,
            BiConsumer<String, Tensor> use) {
        forEachBatch(task, network, values, data, records, (batch, tensors) -> tensors.forEach(use));
    }

    /**
     * The same as {@link #forEach}, but positions that are padding are left out, and values that are NaN or infinite are
     * refused.
     *
     * @param purpose what is to be done with the network, for the message
     * @param use gets each of the values of each batch, or of each record when there is a mask, by name
     * @throws IllegalArgumentException if a value is not finite; the message names it and the record. Or if the network
     *     does not take the mask
     */
    public static void forEachFinite(
            String task,
            String purpose,
            Network network,
            Collection<String> values,
            MeasuredRecords records,
            BiConsumer<String, Tensor> use) {
        FiniteCheck check = new FiniteCheck(network, purpose, name -> name);
        forEachReal(task, network, values, records, (batch, tensors) -> {
            check.check(tensors, batch.size());
            tensors.forEach((name, parts) -> parts.forEach(part -> use.accept(name, part)));
        });
    }

    /**
     * Runs a network and hands out what it computes on the way without what it gives for padding.
     *
     * @param use gets each batch, and the values that it gave, by name: one tensor for all records, or one for each when
     *     there is a mask
     * @throws IllegalArgumentException if the data set does not fit the network, or the network does not take the mask
     */
    public static void forEachReal(
            String task,
            Network network,
            Collection<String> values,
            MeasuredRecords records,
            BiConsumer<FedBatch, Map<String, List<Tensor>>> use) {
        PaddingMask.check(records.mask(), network);
        forEachBatch(task, network, values, records.data(), records.count(), (batch, tensors) -> {
            PaddingMask padding = PaddingMask.of(records.mask(), batch);
            Map<String, List<Tensor>> real = new LinkedHashMap<>();
            tensors.forEach((name, tensor) ->
                    real.put(name, records.mask().isEmpty() ? List.of(tensor) : padding.records(tensor)));
            use.accept(batch, real);
        });
    }

    /**
     * Runs a network and hands out what it computes on the way together with what it was fed; see {@link #forEach}.
     *
     * @param use gets each batch, and the values that it gave, by name
     */
    public static void forEachBatch(
            String task,
            Network network,
            Collection<String> values,
            RandomAccessDataset data,
            long records,
            BiConsumer<FedBatch, Map<String, Tensor>> use) {
        Map<String, Value> shapes = ShapeInference.of(network);
        Set<String> wanted = new LinkedHashSet<>(values);
        Set<String> inputs =
                network.signature().inputs().stream().map(Value::name).collect(Collectors.toSet());
        List<Value> inside = new ArrayList<>();
        wanted.stream().filter(name -> !inputs.contains(name)).forEach(name -> inside.add(shapes.get(name)));
        // A network needs an output, also when only its inputs are looked at.
        List<Value> outputs = inside.isEmpty() ? network.signature().outputs() : inside;
        Network watched = network.toBuilder().outputs(outputs).build();
        long count = Math.min(records, data.size());
        try (RuntimeSession session = RuntimeSession.open(watched);
                Progress progress = Progress.start(task, count)) {
            String work = "The work on network " + network.name() + " (" + task + ")";
            FedBatch.forEach(work, watched, data, batchSize(watched, outputs), count, batch -> {
                Map<String, Tensor> given = new LinkedHashMap<>(batch.feeds());
                given.putAll(session.run(batch.feeds()));
                given.keySet().retainAll(wanted);
                use.accept(batch, given);
                progress.advance(batch.size(), "");
            });
        }
    }

    /**
     * Records of networks that take any size may have different sizes, and then do not fit into one batch; and which branch
     * of an If runs, or how often a Loop, may depend on the whole batch, so that each record goes through by itself.
     */
    static boolean mayVary(Network network) {
        if (network.nodes().stream()
                .flatMap(node -> node.attributes().values().stream())
                .anyMatch(attribute -> attribute instanceof Attribute.Subgraph)) {
            return true;
        }
        for (Value input : network.signature().inputs()) {
            List<Dimension> shape = input.shape();
            if (shape == null || shape.stream().skip(1).anyMatch(dimension -> !dimension.isFixed())) {
                return true;
            }
        }
        return false;
    }

    private static int batchSize(Network watched, List<Value> outputs) {
        if (mayVary(watched)) {
            return 1;
        }
        long bytes = 1;
        for (Value output : outputs) {
            long elements = 4;
            for (Dimension dimension : output.shape() == null ? List.<Dimension>of() : output.shape()) {
                elements *= dimension.isFixed() ? dimension.size() : 1;
            }
            bytes += elements;
        }
        return (int) Math.max(1, Math.min(LARGEST_BATCH, MEMORY / bytes));
    }
}
