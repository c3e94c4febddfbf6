package pomona.evaluate;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.BatchSampler;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.SequenceSampler;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import pomona.djl.Tensors;
import pomona.graph.Dimension;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.graph.Value;

/**
 * One batch of a data set as tensors to feed a network with; batches stream, so that only one is held.
 *
 * @param feeds a tensor for each input of the network, by name
 * @param labels the labels, or null when the data set has none
 * @param size the number of records
 */
public record FedBatch(Map<String, Tensor> feeds, Tensor labels, int size) {

    /**
     * Reads a data set in order, batch by batch.
     *
     * @param network the network to feed; when its first dimension is fixed, that is the batch size
     * @param data the data set, whose parts are the network's inputs in order
     * @param batchSize records in a batch, 1 or more
     * @param records how many records to read at most
     * @param use gets each batch
     * @throws IllegalArgumentException if the data set is empty or has another number of parts than the network inputs
     * @throws CancellationException if the thread was interrupted; it stops between two batches
     */
    public static void forEach(
            Network network, RandomAccessDataset data, int batchSize, long records, Consumer<FedBatch> use) {
        forEach("Measuring network " + network.name(), network, data, batchSize, records, use);
    }

    /**
     * Reads a data set as {@link #forEach(Network, RandomAccessDataset, int, long, Consumer)} does.
     *
     * @param work what is done with the batches, as the message after an interrupt is to begin
     */
    static void forEach(
            String work,
            Network network,
            RandomAccessDataset data,
            int batchSize,
            long records,
            Consumer<FedBatch> use) {
        long left = Math.min(records, data.size());
        if (left < 1) {
            throw new IllegalArgumentException(
                    "The data set is empty; network " + network.name() + " needs at least one record.");
        }
        int fixed = fixedBatch(network);
        int size = fixed > 0 ? fixed : (int) Math.min(batchSize, left);
        try (NDManager manager = NDManager.newBaseManager()) {
            data.prepare();
            BatchSampler order = new BatchSampler(new SequenceSampler(), size);
            for (Batch batch : data.getData(manager, order)) {
                try (batch) {
                    stopIfInterrupted(work);
                    FedBatch fed = of(network, batch);
                    use.accept(fixed > 0 || left >= fed.size() ? fed : fed.head((int) left));
                }
                left -= batch.getSize();
                if (left <= 0) {
                    break;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("The data set can not be read: " + e.getMessage() + ".", e);
        } catch (TranslateException e) {
            throw new IllegalArgumentException("The data set can not be read: " + e.getMessage() + ".", e);
        }
    }

    /**
     * Stops work that only looks at a network when the thread was interrupted.
     *
     * @throws CancellationException if it was
     */
    static void stopIfInterrupted(String work) {
        if (Thread.interrupted()) {
            throw new CancellationException(work + " was interrupted; the network is as it was.");
        }
    }

    /** The first records of this batch. */
    public FedBatch head(int records) {
        Map<String, Tensor> fewer = new LinkedHashMap<>();
        feeds.forEach((name, tensor) -> fewer.put(name, head(tensor, records)));
        return new FedBatch(fewer, labels == null ? null : head(labels, records), records);
    }

    private static Tensor head(Tensor tensor, int records) {
        long[] shape = tensor.shape();
        int bytes = Math.toIntExact(tensor.bytes() / shape[0] * records);
        shape[0] = records;
        return Tensor.of(tensor.type(), tensor.data().slice(0, bytes), shape);
    }

    /** The only batch size that a network takes, or -1 when it takes any. */
    static int fixedBatch(Network network) {
        List<Dimension> shape = network.signature().inputs().get(0).shape();
        boolean fixed = shape != null && !shape.isEmpty() && shape.get(0).isFixed();
        return fixed ? Math.toIntExact(shape.get(0).size()) : -1;
    }

    private static FedBatch of(Network network, Batch batch) {
        List<Value> inputs = network.signature().inputs();
        NDList data = batch.getData();
        if (data.size() != inputs.size()) {
            throw new IllegalArgumentException("Network " + network.name() + " takes " + inputs.size()
                    + (inputs.size() == 1 ? " input (" : " inputs (")
                    + inputs.stream().map(Value::toString).collect(Collectors.joining(", "))
                    + "), but a batch of the data set has " + data.size()
                    + (data.size() == 1 ? " part (" : " parts (")
                    + data.stream().map(part -> Tensors.of(part).toString()).collect(Collectors.joining(", "))
                    + "); there must be one for each.");
        }
        Map<String, Tensor> feeds = new LinkedHashMap<>();
        for (int i = 0; i < inputs.size(); i++) {
            feeds.put(inputs.get(i).name(), Tensors.of(data.get(i)));
        }
        NDList labels = batch.getLabels();
        return new FedBatch(
                feeds, labels == null || labels.isEmpty() ? null : Tensors.of(labels.head()), batch.getSize());
    }
}
