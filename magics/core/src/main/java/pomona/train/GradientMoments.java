package pomona.train;

import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import pomona.djl.Djl;
import pomona.djl.NetworkBlock;
import pomona.djl.SeededSampler;
import pomona.djl.Tensors;
import pomona.graph.Network;
import pomona.pass.Progress;

/**
 * What the gradients of the cross entropy are on some data, weight by weight, without training: the mean gradient, and
 * the mean of its square over batches.
 *
 * <p>The network runs as it does in use: batch normalization takes its running statistics, dropout drops nothing. With a
 * batch size of 1 the squares are the diagonal of the empirical Fisher information.
 *
 * @param means the gradients' mean over the records, by weight; each has the weight's shape and order of elements
 * @param squares the mean over batches of the squared gradient of a batch, by weight
 */
public record GradientMoments(Map<String, float[]> means, Map<String, float[]> squares) {

    /**
     * Measures gradients.
     *
     * @param weights the names of the weights, all of them trainable
     * @param data labelled records, taken in an order that the seed decides
     * @param batchSize records in a batch, 1 or more
     * @param records how many records to look at, at most
     * @throws IllegalArgumentException if the data does not fit the network, the network can not be trained, or gradients
     *     are not numbers since a record is NaN or infinite
     * @throws CancellationException if the thread was interrupted
     */
    public static GradientMoments of(
            Network network,
            Collection<String> weights,
            RandomAccessDataset data,
            int batchSize,
            long records,
            long seed) {
        DataCheck.labelled(network, data);
        NetworkBlock block = NetworkBlock.of(network);
        long wanted = Math.min(records, data.size());
        long batches = (wanted + batchSize - 1) / batchSize;
        try (Model model = Djl.model(network.name(), block);
                NDManager manager = model.getNDManager().newSubManager();
                Progress progress = Progress.start("measure gradients of " + network.name(), batches)) {
            Sums sums = new Sums(block, List.copyOf(weights), manager);
            ParameterStore store = new ParameterStore(manager, false);
            Objective objective = CrossEntropy.of(network);
            long left = batches;
            for (Batch batch : data.getData(manager, new SeededSampler(seed, batchSize))) {
                try (batch) {
                    stopIfInterrupted(network);
                    DataCheck.check(network, batch.getData());
                    backward(block, store, objective, batch);
                    sums.add(batch.getSize());
                    progress.advance(1, "");
                }
                if (--left == 0) {
                    break;
                }
            }
            GradientMoments moments = sums.moments(batches);
            if (!moments.isFinite()) {
                DataCheck.finite(network, data, batchSize);
            }
            return moments;
        } catch (IOException e) {
            throw new UncheckedIOException("The data can not be read: " + e.getMessage(), e);
        } catch (TranslateException e) {
            throw new IllegalArgumentException("The data can not be prepared: " + e.getMessage(), e);
        }
    }

    private boolean isFinite() {
        for (float[] mean : means.values()) {
            for (float value : mean) {
                if (!Float.isFinite(value)) {
                    return false;
                }
            }
        }
        return true;
    }

    private static void stopIfInterrupted(Network network) {
        if (Thread.interrupted()) {
            throw new CancellationException(
                    "Measuring the gradients of network " + network.name() + " was interrupted.");
        }
    }

    private static void backward(NetworkBlock block, ParameterStore store, Objective objective, Batch batch) {
        try (GradientCollector collector = Engine.getEngine("PyTorch").newGradientCollector()) {
            NDArray loss =
                    objective.loss(block.forward(store, batch.getData(), false), batch.getData(), batch.getLabels());
            collector.backward(loss);
        }
    }

    /** The sums over batches so far, one pair of arrays for each weight. */
    private static final class Sums {

        private record Slot(String name, NDArray weight, NDArray sum, NDArray squares) {}

        private final List<Slot> slots;
        private long records;

        Sums(NetworkBlock block, List<String> weights, NDManager manager) {
            slots = weights.stream()
                    .map(name -> {
                        Parameter parameter = block.parameter(name);
                        return new Slot(
                                name,
                                parameter.getArray(),
                                manager.zeros(parameter.getShape()),
                                manager.zeros(parameter.getShape()));
                    })
                    .toList();
        }

        void add(long size) {
            records += size;
            for (Slot slot : slots) {
                try (NDArray gradient = slot.weight().getGradient();
                        NDArray square = gradient.square()) {
                    slot.squares().addi(square);
                    slot.sum().addi(gradient.muli(size));
                    // The engine adds the next batch's gradient to what it finds here.
                    gradient.subi(gradient);
                }
            }
        }

        GradientMoments moments(long batches) {
            Map<String, float[]> means = new LinkedHashMap<>();
            Map<String, float[]> squares = new LinkedHashMap<>();
            for (Slot slot : slots) {
                means.put(slot.name(), divided(slot.sum(), records));
                squares.put(slot.name(), divided(slot.squares(), batches));
            }
            return new GradientMoments(means, squares);
        }

        private static float[] divided(NDArray sum, long count) {
            float[] values = Tensors.of(sum).toFloatArray();
            for (int i = 0; i < values.length; i++) {
                values[i] /= count;
            }
            return values;
        }
    }
}
