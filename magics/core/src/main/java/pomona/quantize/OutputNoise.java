package pomona.quantize;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import pomona.djl.RuntimeSession;
import pomona.evaluate.FedBatch;
import pomona.evaluate.MeasuredRecords;
import pomona.evaluate.PaddingMask;
import pomona.graph.Network;
import pomona.graph.Tensor;

/** How far the outputs of changed networks are from those of the network of floats, on a few records without padding. */
final class OutputNoise {

    /** Records are fed one by one, since those of networks that take any size need not fit into one batch. */
    private static final int BATCH = 1;

    /** The outputs of the network of floats take at most this much memory, in floats. */
    private static final long MOST_FLOATS = 32L << 20;

    private final List<Map<String, Tensor>> feeds = new ArrayList<>();
    private final List<Map<String, Tensor>> wanted = new ArrayList<>();
    private final List<PaddingMask> masks = new ArrayList<>();

    /** Runs the network of floats on the first records, as many of them as fit into memory. */
    OutputNoise(Network network, MeasuredRecords records) {
        PaddingMask.check(records.mask(), network);
        long[] held = new long[1];
        try (RuntimeSession session = RuntimeSession.open(network)) {
            FedBatch.forEach(network, records.data(), BATCH, records.count(), batch -> {
                if (held[0] < MOST_FLOATS) {
                    Map<String, Tensor> outputs = session.run(batch.feeds());
                    feeds.add(batch.feeds());
                    wanted.add(outputs);
                    masks.add(PaddingMask.of(records.mask(), batch));
                    held[0] += size(outputs) + size(batch.feeds());
                }
            });
        }
    }

    /**
     * The power of the difference to the network of floats, relative to the power of what that gives; the mean over the
     * outputs. 0.01 is a signal-to-noise ratio of 20 dB.
     */
    double of(Network changed) {
        double[] difference = new double[changed.signature().outputs().size()];
        double[] power = new double[difference.length];
        try (RuntimeSession session = RuntimeSession.open(changed)) {
            for (int i = 0; i < feeds.size(); i++) {
                Map<String, Tensor> got = session.run(feeds.get(i));
                int output = 0;
                for (Map.Entry<String, Tensor> entry : wanted.get(i).entrySet()) {
                    List<Tensor> right = masks.get(i).records(entry.getValue());
                    List<Tensor> near = masks.get(i).records(got.get(entry.getKey()));
                    difference[output] += SignalToNoise.difference(right, near);
                    power[output++] += SignalToNoise.power(right);
                }
            }
        }
        double sum = 0;
        for (int i = 0; i < power.length; i++) {
            sum += difference[i] / Math.max(power[i], Double.MIN_NORMAL);
        }
        return sum / power.length;
    }

    private static long size(Map<String, Tensor> tensors) {
        return tensors.values().stream().mapToLong(Tensor::size).sum();
    }
}
