package pomona;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import pomona.djl.RuntimeSession;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.graph.Value;

/** Compares the outputs of two networks on ONNX Runtime. */
public final class Equality {

    private Equality() {}

    /** Random feeds between -1 and 1; symbols are three. */
    public static Map<String, Tensor> feeds(Network network) {
        Map<String, Tensor> feeds = new HashMap<>();
        for (Value input : network.signature().inputs()) {
            long[] shape = input.shape().stream()
                    .mapToLong(d -> d.isFixed() ? d.size() : 3)
                    .toArray();
            feeds.put(input.name(), Networks.uniform(77, -1, 1, shape));
        }
        return feeds;
    }

    /** The first output for those feeds. */
    public static float[] run(Network network, Map<String, Tensor> feeds) {
        try (RuntimeSession session = RuntimeSession.open(network)) {
            return session.run(feeds).values().iterator().next().toFloatArray();
        }
    }

    /** Asserts that both give the same first output, but for a difference of at most the tolerance. */
    public static void assertSameOutputs(Network expected, Network actual, double tolerance) {
        Map<String, Tensor> feeds = feeds(expected);
        assertThat(actual.signature()).isEqualTo(expected.signature());
        assertThat(run(actual, feeds))
                .usingComparatorWithPrecision((float) tolerance)
                .containsExactly(run(expected, feeds));
    }

    /** The root of the mean squared difference of both networks' first outputs, relative to the expected one's size. */
    public static double relativeError(Network expected, Network actual, Map<String, Tensor> feeds) {
        float[] wanted = run(expected, feeds);
        float[] got = run(actual, feeds);
        assertThat(got).hasSameSizeAs(wanted);
        double difference = 0;
        double size = 0;
        for (int i = 0; i < wanted.length; i++) {
            difference += (wanted[i] - got[i]) * (double) (wanted[i] - got[i]);
            size += wanted[i] * (double) wanted[i];
        }
        return Math.sqrt(difference / size);
    }
}
