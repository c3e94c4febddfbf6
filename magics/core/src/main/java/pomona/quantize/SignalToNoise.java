package pomona.quantize;

import java.util.List;
import java.util.stream.IntStream;
import pomona.graph.Tensor;

/** Sums of squares, and their ratio as decibels. */
final class SignalToNoise {

    private SignalToNoise() {}

    /** The sum of squared differences. */
    static double difference(float[] right, float[] near) {
        double sum = 0;
        for (int i = 0; i < right.length; i++) {
            double difference = (double) right[i] - near[i];
            sum += difference * difference;
        }
        return sum;
    }

    /** The sum of squared differences of tensors that belong together. */
    static double difference(List<Tensor> right, List<Tensor> near) {
        return IntStream.range(0, right.size())
                .mapToDouble(
                        i -> difference(right.get(i).toFloatArray(), near.get(i).toFloatArray()))
                .sum();
    }

    /** The sum of squares. */
    static double power(List<Tensor> tensors) {
        return tensors.stream()
                .mapToDouble(tensor -> power(tensor.toFloatArray()))
                .sum();
    }

    /** The sum of squares. */
    static double power(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += (double) value * value;
        }
        return sum;
    }

    /** Ten times the logarithm of signal over noise; infinite where there is no noise. */
    static double decibels(double signal, double noise) {
        return 10 * Math.log10(signal / noise);
    }
}
