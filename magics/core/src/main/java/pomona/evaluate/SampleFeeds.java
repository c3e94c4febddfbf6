package pomona.evaluate;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import pomona.graph.Dimension;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.graph.Value;

/** One record to run a network on when only its time matters. */
public final class SampleFeeds {

    /** What sizes other than the batch are when the network leaves them open; many image networks need multiples of 32. */
    private static final long OPEN_SIZE = 64;

    private SampleFeeds() {}

    /** The first record of a data set; as many as the network's batch where that is fixed. */
    public static Map<String, Tensor> of(Network network, RandomAccessDataset data) {
        List<Map<String, Tensor>> first = new ArrayList<>();
        FedBatch.forEach(network, data, 1, 1, batch -> first.add(batch.feeds()));
        return first.get(0);
    }

    /**
     * A made-up record: floats are drawn from the standard normal distribution with a fixed seed, integers and truth values
     * are ones, which are valid as tokens and masks. The batch is 1, and other sizes that are left open are 64.
     *
     * @throws IllegalArgumentException if an input's rank is unknown, or it is of another type
     */
    public static Map<String, Tensor> of(Network network) {
        return of(network, Map.of());
    }

    /**
     * A made-up record as above.
     *
     * @param sizes sizes that are left open by their symbols, such as batch and sequence; the others are as above
     */
    public static Map<String, Tensor> of(Network network, Map<String, Long> sizes) {
        Map<String, Tensor> feeds = new LinkedHashMap<>();
        Random random = new Random(0);
        for (Value input : network.signature().inputs()) {
            if (input.shape() == null) {
                throw new IllegalArgumentException("Input " + input.name() + " of network " + network.name()
                        + " has no shape, so no record can be made up for it; give a data set.");
            }
            feeds.put(input.name(), tensor(network, input, shape(input.shape(), sizes), random));
        }
        return feeds;
    }

    private static long[] shape(List<Dimension> dimensions, Map<String, Long> sizes) {
        long[] shape = new long[dimensions.size()];
        for (int i = 0; i < shape.length; i++) {
            Dimension dimension = dimensions.get(i);
            shape[i] = dimension.isFixed()
                    ? dimension.size()
                    : sizes.getOrDefault(dimension.symbol(), i == 0 ? 1 : OPEN_SIZE);
        }
        return shape;
    }

    private static Tensor tensor(Network network, Value input, long[] shape, Random random) {
        int size = Math.toIntExact(Arrays.stream(shape).reduce(1, Math::multiplyExact));
        return switch (input.type()) {
            case FLOAT -> {
                float[] values = new float[size];
                for (int i = 0; i < size; i++) {
                    values[i] = (float) random.nextGaussian();
                }
                yield Tensor.ofFloats(values, shape);
            }
            case INT64 -> {
                long[] values = new long[size];
                Arrays.fill(values, 1);
                yield Tensor.ofLongs(values, shape);
            }
            case INT32 -> {
                int[] values = new int[size];
                Arrays.fill(values, 1);
                yield Tensor.ofInts(values, shape);
            }
            case BOOL, UINT8, INT8 -> {
                byte[] values = new byte[size];
                Arrays.fill(values, (byte) 1);
                yield Tensor.ofBytes(input.type(), values, shape);
            }
            default ->
                throw new IllegalArgumentException("Input " + input + " of network " + network.name()
                        + " is of a type that no record is made up for; give a data set.");
        };
    }
}
