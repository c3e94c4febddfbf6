package pomona.train;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.BatchSampler;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.SequenceSampler;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import pomona.djl.Tensors;
import pomona.graph.Dimension;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.graph.Value;

/** Says in one sentence when data does not fit what a network is trained on. */
public final class DataCheck {

    private DataCheck() {}

    /**
     * Refuses data without labels, as its first record tells, before work begins that needs them in the end.
     *
     * @throws IllegalArgumentException if the first record has no label
     */
    public static void labelled(Network network, RandomAccessDataset data) {
        try (NDManager manager = NDManager.newBaseManager()) {
            data.prepare();
            for (Batch batch : data.getData(manager, new BatchSampler(new SequenceSampler(), 1))) {
                try (batch) {
                    labelled(network, batch.getLabels());
                }
                break;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("The data can not be read: " + e.getMessage(), e);
        } catch (TranslateException e) {
            throw new IllegalArgumentException("The data can not be prepared: " + e.getMessage(), e);
        }
    }

    private static void labelled(Network network, NDList labels) {
        if (labels == null || labels.isEmpty()) {
            throw new IllegalArgumentException("Network " + network.name() + " learns from labels, but the data has"
                    + " none; give data with a label for each record.");
        }
    }

    /** Refuses data without records. */
    static void filled(Network network, RandomAccessDataset data) {
        if (data.size() < 1) {
            throw new IllegalArgumentException(
                    "The data set is empty; network " + network.name() + " needs at least one record.");
        }
    }

    /**
     * Refuses data with an input that is NaN or infinite. It reads the data from its beginning, so it is asked when something
     * came out that is not a number, to tell why.
     *
     * @param batchSize records in a batch, as many as in the work that is explained
     * @throws IllegalArgumentException if there is one; the message names it and the record
     */
    static void finite(Network network, RandomAccessDataset data, int batchSize)
            throws IOException, TranslateException {
        List<Value> inputs = network.signature().inputs();
        long before = 0;
        try (NDManager manager = NDManager.newBaseManager()) {
            for (Batch batch : data.getData(manager, new BatchSampler(new SequenceSampler(), batchSize))) {
                try (batch) {
                    for (int i = 0; i < inputs.size(); i++) {
                        long record = notFinite(Tensors.of(batch.getData().get(i)));
                        if (record >= 0) {
                            throw new IllegalArgumentException(
                                    "Input " + inputs.get(i).name() + " of network "
                                            + network.name() + " is NaN or infinite on record " + (before + record + 1)
                                            + " of the data; a network learns from finite values.");
                        }
                    }
                    before += batch.getSize();
                }
            }
        }
    }

    /** The first record of a batch with an element that is not finite; -1 when there is none. */
    private static long notFinite(Tensor batch) {
        float[] values = batch.type().isFloating() ? batch.toFloatArray() : new float[0];
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                return i / (values.length / batch.dim(0));
            }
        }
        return -1;
    }

    static void check(Network network, NDList data) {
        List<Value> inputs = network.signature().inputs();
        if (data.size() != inputs.size()) {
            throw new IllegalArgumentException("Network " + network.name() + " takes " + inputs.size()
                    + (inputs.size() == 1 ? " input (" : " inputs (")
                    + inputs.stream().map(Value::toString).collect(Collectors.joining(", "))
                    + "), but a batch of the data has " + data.size()
                    + (data.size() == 1 ? " part (" : " parts (")
                    + data.stream().map(part -> Tensors.of(part).toString()).collect(Collectors.joining(", "))
                    + "); there must be one for each.");
        }
        for (int i = 0; i < inputs.size(); i++) {
            Value input = inputs.get(i);
            Shape shape = data.get(i).getShape();
            if (!fits(input.shape(), shape)) {
                throw new IllegalArgumentException("Network " + network.name() + " takes " + input
                        + ", but a batch of the data is " + shape + batchSize(input.shape(), shape) + ".");
            }
            DataType type = data.get(i).getDataType();
            if (input.type() != null && input.type() != Tensors.elementType(type)) {
                throw new IllegalArgumentException("Network " + network.name() + " takes " + input
                        + ", but the data is of " + name(Tensors.elementType(type)) + "; give it as "
                        + name(input.type()) + ".");
            }
        }
    }

    /** What helps where a network takes another number of records at once. */
    private static String batchSize(List<Dimension> declared, Shape shape) {
        List<Dimension> any = new ArrayList<>(declared);
        if (any.isEmpty()) {
            return "";
        }
        any.set(0, Dimension.UNKNOWN);
        long size = declared.get(0).size();
        return fits(any, shape)
                ? "; its batch size is fixed, so train it with --batch-size " + size + " (withBatchSize(" + size
                        + ")), or export it with one that varies"
                : "";
    }

    private static String name(ElementType type) {
        return type.name().toLowerCase(Locale.ROOT);
    }

    private static boolean fits(List<Dimension> declared, Shape shape) {
        if (declared == null) {
            return true;
        }
        if (declared.size() != shape.dimension()) {
            return false;
        }
        for (int i = 0; i < declared.size(); i++) {
            if (declared.get(i).isFixed() && declared.get(i).size() != shape.get(i)) {
                return false;
            }
        }
        return true;
    }
}
