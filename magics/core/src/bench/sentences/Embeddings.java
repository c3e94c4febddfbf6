import java.util.ArrayList;
import java.util.List;
import pomona.graph.Tensor;

/** Sentences as vectors: the mean of what the encoder gives for their tokens. */
final class Embeddings {

    private Embeddings() {}

    /** The vector of each sentence of a batch, without padding. */
    static List<double[]> of(Tensor output, Tensor mask) {
        float[] values = output.toFloatArray();
        long[] real = mask.toLongArray();
        int length = (int) output.dim(1);
        int width = (int) output.dim(2);
        List<double[]> vectors = new ArrayList<>();
        for (int row = 0; row < output.dim(0); row++) {
            double[] sum = new double[width];
            int count = 0;
            for (int i = row * length; i < (row + 1) * length; i++) {
                for (int c = 0; c < width && real[i] == 1; c++) {
                    sum[c] += values[i * width + c];
                }
                count += (int) real[i];
            }
            for (int c = 0; c < width; c++) {
                sum[c] /= count;
            }
            vectors.add(sum);
        }
        return vectors;
    }

    /** The cosine of the angle between each vector and its counterpart. */
    static double[] cosines(List<double[]> wanted, List<double[]> found) {
        double[] cosines = new double[wanted.size()];
        for (int i = 0; i < cosines.length; i++) {
            double[] left = wanted.get(i);
            double[] right = found.get(i);
            cosines[i] = product(left, right) / Math.sqrt(product(left, left) * product(right, right));
        }
        return cosines;
    }

    private static double product(double[] left, double[] right) {
        double sum = 0;
        for (int c = 0; c < left.length; c++) {
            sum += left[c] * right[c];
        }
        return sum;
    }
}
