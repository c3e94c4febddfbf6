package pomona.evaluate;

import ai.djl.training.dataset.RandomAccessDataset;
import pomona.djl.RuntimeSession;
import pomona.graph.Network;
import pomona.graph.Tensor;

/**
 * How alike the outputs of two networks are.
 *
 * @param mean the mean over records of the cosine between their first outputs; NaN when these are no numbers of one shape
 * @param records how many records were run
 */
record OutputCosine(double mean, long records) {

    /** Runs both networks on the first records, one by one, since records may differ in size. */
    static OutputCosine of(Network right, Network near, RandomAccessDataset data, int records) {
        String wanted = right.outputs().get(0).name();
        String got = near.outputs().get(0).name();
        double[] sum = new double[1];
        long[] count = new long[1];
        try (RuntimeSession first = RuntimeSession.open(right);
                RuntimeSession second = RuntimeSession.open(near)) {
            FedBatch.forEach(right, data, 1, records, batch -> {
                sum[0] += cosine(
                        first.run(batch.feeds()).get(wanted),
                        second.run(batch.feeds()).get(got));
                count[0]++;
            });
        }
        return new OutputCosine(sum[0] / count[0], count[0]);
    }

    private static double cosine(Tensor right, Tensor near) {
        boolean numbers = right.type().isFloating() && near.type().isFloating() && right.size() == near.size();
        if (!numbers) {
            return Double.NaN;
        }
        float[] r = right.toFloatArray();
        float[] n = near.toFloatArray();
        double product = 0;
        double squares = 0;
        double others = 0;
        for (int i = 0; i < r.length; i++) {
            product += (double) r[i] * n[i];
            squares += (double) r[i] * r[i];
            others += (double) n[i] * n[i];
        }
        // Two outputs of zeros are alike.
        return squares == 0 && others == 0 ? 1 : product / Math.max(Math.sqrt(squares * others), Double.MIN_NORMAL);
    }
}
