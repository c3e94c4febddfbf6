import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;
import pomona.graph.ElementType;
import pomona.graph.Tensor;
import pomona.prune.MagnitudeSelection;

/** Finds the median magnitude of 110 million weights; see run.sh. */
final class Selection {

    private static final int TENSORS = 110;
    private static final int SIZE = 1_000_000;

    private Selection() {}

    public static void main(String[] arguments) {
        List<Tensor> tensors = new ArrayList<>();
        for (int t = 0; t < TENSORS; t++) {
            ByteBuffer bytes = ByteBuffer.allocateDirect(4 * SIZE).order(java.nio.ByteOrder.LITTLE_ENDIAN);
            Random random = new Random(t);
            for (int i = 0; i < SIZE; i++) {
                bytes.putFloat(4 * i, (float) random.nextGaussian() * 0.02f);
            }
            tensors.add(Tensor.of(ElementType.FLOAT, bytes, SIZE));
        }
        long k = (long) TENSORS * SIZE / 2;
        double[] seconds = new double[9];
        float found = 0;
        for (int i = 0; i < seconds.length; i++) {
            long began = System.nanoTime();
            found = MagnitudeSelection.smallest(tensors, k);
            seconds[i] = (System.nanoTime() - began) * 1e-9;
        }
        double first = seconds[0];
        Arrays.sort(seconds);
        System.out.printf(Locale.ROOT,
                "%d-th smallest magnitude of %d M weights: Pomona %.3f s (median of %d; first %.3f s)%s%n",
                k, TENSORS * SIZE / 1_000_000, seconds[seconds.length / 2], seconds.length, first,
                found == exact(tensors, (int) k) ? ", exact" : ", WRONG");
    }

    /** The same by sorting. */
    private static float exact(List<Tensor> tensors, int k) {
        float[] all = new float[TENSORS * SIZE];
        IntStream.range(0, TENSORS).parallel().forEach(t -> tensors.get(t).toFloats(0, all, t * SIZE, SIZE));
        for (int i = 0; i < all.length; i++) {
            all[i] = Math.abs(all[i]);
        }
        Arrays.parallelSort(all);
        return all[k - 1];
    }
}
