package pomona;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.Engine;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import pomona.djl.RuntimeSession;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.graph.Value;
import pomona.onnx.Onnx;

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

    /**
     * The first output with every operator run as it is written: ONNX Runtime's fusions, some of which round what they
     * multiply with, are off.
     */
    public static float[] runUnfused(Network network, Map<String, Tensor> feeds) {
        // DJL's engine makes ONNX Runtime's environment with its own settings, and fails for good where one exists.
        Engine.getEngine("OnnxRuntime");
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        Map<String, OnnxTensor> given = new LinkedHashMap<>();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.NO_OPT);
            for (Map.Entry<String, Tensor> feed : feeds.entrySet()) {
                long[] shape = feed.getValue().shape();
                given.put(
                        feed.getKey(),
                        feed.getValue().type() == ElementType.INT64
                                ? OnnxTensor.createTensor(
                                        environment,
                                        LongBuffer.wrap(feed.getValue().toLongArray()),
                                        shape)
                                : OnnxTensor.createTensor(
                                        environment,
                                        FloatBuffer.wrap(feed.getValue().toFloatArray()),
                                        shape));
            }
            try (OrtSession session = environment.createSession(Onnx.bytes(network), options);
                    OrtSession.Result result = session.run(given)) {
                FloatBuffer values = ((OnnxTensor) result.get(0)).getFloatBuffer();
                float[] copied = new float[values.remaining()];
                values.get(copied);
                return copied;
            }
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        } finally {
            given.values().forEach(OnnxTensor::close);
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
        return relativeError(run(expected, feeds), run(actual, feeds));
    }

    /** The norm of the difference, relative to the norm of what is wanted. */
    public static double relativeError(float[] wanted, float[] got) {
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
