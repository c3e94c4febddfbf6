package pomona.evaluate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.graph.Value;

/**
 * Which positions of each record of a batch are real and which are padding, so that what is measured is what the same
 * records give without padding.
 */
public final class PaddingMask {

    private final int batch;
    private final int length;
    private final boolean[] real;

    private PaddingMask(int batch, int length, boolean[] real) {
        this.batch = batch;
        this.length = length;
        this.real = real;
    }

    /**
     * Reads the mask that a batch was fed, of shape (batch, positions), in which padding is 0.
     *
     * @param input the name of the mask among the network's inputs; when it is empty, nothing is padding
     * @throws IllegalArgumentException if the tensor has another number of dimensions
     */
    public static PaddingMask of(String input, FedBatch batch) {
        return input.isEmpty()
                ? new PaddingMask(batch.size(), 0, new boolean[0])
                : of(input, batch.feeds().get(input));
    }

    static PaddingMask of(String input, Tensor tensor) {
        if (tensor.rank() != 2) {
            throw new IllegalArgumentException(
                    "Mask " + input + " is " + tensor + "; a mask has two dimensions, records and positions.");
        }
        float[] values = tensor.toFloatArray();
        boolean[] real = new boolean[values.length];
        for (int i = 0; i < values.length; i++) {
            real[i] = values[i] != 0;
        }
        return new PaddingMask(Math.toIntExact(tensor.dim(0)), Math.toIntExact(tensor.dim(1)), real);
    }

    /**
     * Refuses a mask that a network does not take.
     *
     * @param input the name of an input; an empty one is no mask, and fits any network
     */
    public static void check(String input, Network network) {
        List<Value> inputs = network.signature().inputs();
        if (!input.isEmpty() && inputs.stream().noneMatch(value -> value.name().equals(input))) {
            throw new IllegalArgumentException("Network " + network.name() + " has no input " + input
                    + " to take as mask; it takes "
                    + inputs.stream().map(Value::toString).collect(Collectors.joining(" and ")) + ".");
        }
    }

    /** Whether there are records of a batch in a value, one behind the other in its first dimension. */
    public boolean hasRecords(Tensor value) {
        return value.rank() > 0 && value.dim(0) > 0 && value.dim(0) % batch == 0;
    }

    /**
     * What a value has for each record, without the positions that are padding: as many dimensions as before, of which the
     * first counts one record. Positions are counted by every dimension of the mask's length but the last one, which counts
     * features, unless it belongs to a square of positions (attention scores).
     *
     * @return a tensor of floats for each record; the whole value alone when it has no records
     */
    public List<Tensor> records(Tensor value) {
        if (!hasRecords(value)) {
            return List.of(value);
        }
        if (batch == 1 && isWhole(0)) {
            return List.of(value);
        }
        float[] all = value.toFloatArray();
        long[] shape = value.shape();
        shape[0] /= batch;
        int size = all.length / batch;
        List<Tensor> records = new ArrayList<>();
        for (int record = 0; record < batch; record++) {
            float[] one = Arrays.copyOfRange(all, record * size, (record + 1) * size);
            records.add(real(one, record, shape));
        }
        return records;
    }

    private boolean isWhole(int record) {
        return IntStream.range(record * length, (record + 1) * length).allMatch(i -> real[i]);
    }

    private Tensor real(float[] values, int record, long[] shape) {
        boolean[] positions = positions(shape);
        if (isWhole(record) || !IntStream.range(0, positions.length).anyMatch(axis -> positions[axis])) {
            return Tensor.ofFloats(values, shape);
        }
        int[] kept = IntStream.range(0, length)
                .filter(i -> real[record * length + i])
                .toArray();
        long[] smaller = shape.clone();
        // Offsets of what is kept, dimension by dimension from the last one.
        int[] offsets = {0};
        int stride = 1;
        for (int axis = shape.length - 1; axis >= 0; axis--) {
            int[] indices = positions[axis]
                    ? kept
                    : IntStream.range(0, Math.toIntExact(shape[axis])).toArray();
            offsets = outer(indices, stride, offsets);
            smaller[axis] = indices.length;
            stride *= Math.toIntExact(shape[axis]);
        }
        float[] real = new float[offsets.length];
        for (int i = 0; i < real.length; i++) {
            real[i] = values[offsets[i]];
        }
        return Tensor.ofFloats(real, smaller);
    }

    private static int[] outer(int[] indices, int stride, int[] inner) {
        int[] all = new int[indices.length * inner.length];
        for (int i = 0; i < all.length; i++) {
            all[i] = indices[i / inner.length] * stride + inner[i % inner.length];
        }
        return all;
    }

    /** Which dimensions of one record count positions. */
    private boolean[] positions(long[] shape) {
        boolean[] positions = new boolean[shape.length];
        for (int axis = 0; axis < shape.length; axis++) {
            boolean last = axis == shape.length - 1;
            boolean square = last && axis > 1 && shape[axis - 1] == length;
            positions[axis] = length > 0 && shape[axis] == length && (!last || square);
        }
        return positions;
    }
}
