package pomona.evaluate;

import java.util.List;
import pomona.djl.RuntimeSession;
import pomona.graph.Network;
import pomona.graph.Tensor;

/**
 * How alike the outputs of two networks are where records are not padded.
 *
 * @param mean the mean over records of the cosine between their first outputs; NaN when these are no numbers of one shape
 * @param decibels the power of the first network's outputs over that of what the second one's differ by, on all records; infinite
 *     when they differ by nothing, NaN when the mean is
 * @param records how many records were run
 */
record OutputCosine(double mean, double decibels, long records) {

    /**
     * Runs both networks on the first records, one by one, since records may differ in size.
     *
     * @throws IllegalArgumentException if an output is NaN or infinite, or the network does not take the mask
     */
    static OutputCosine of(Network right, Network near, MeasuredRecords records) {
        PaddingMask.check(records.mask(), right);
        String wanted = right.outputs().get(0).name();
        String got = near.outputs().get(0).name();
        Sums sums = new Sums();
        try (RuntimeSession first = RuntimeSession.open(right);
                RuntimeSession second = RuntimeSession.open(near)) {
            FedBatch.forEach(right, records.data(), 1, records.count(), batch -> {
                PaddingMask padding = PaddingMask.of(records.mask(), batch);
                Tensor r = first.run(batch.feeds()).get(wanted);
                Tensor n = second.run(batch.feeds()).get(got);
                refuseInfinite(r, batch, sums.records, "Network " + right.name() + " as it was");
                refuseInfinite(n, batch, sums.records, "What became of network " + right.name());
                boolean numbers = r.type().isFloating() && n.type().isFloating() && r.size() == n.size();
                sums.add(numbers ? padding.records(r) : List.of(), numbers ? padding.records(n) : List.of());
                sums.records += batch.size();
            });
        }
        return new OutputCosine(sums.cosines / sums.compared, sums.decibels(), sums.records);
    }

    private static void refuseInfinite(Tensor output, FedBatch batch, long before, String what) {
        float[] values = output.type().isFloating() ? output.toFloatArray() : new float[0];
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                long record = before + (long) i * batch.size() / values.length + 1;
                throw new IllegalArgumentException(
                        what + " gives values that are NaN or infinite on record " + record + " of the data.");
            }
        }
    }

    /** What is added up over records. */
    private static final class Sums {

        private double cosines;
        private double signal;
        private double noise;
        private long compared;
        private long records;

        /** Adds the outputs of records, of which those without any place that is not padding tell nothing. */
        void add(List<Tensor> right, List<Tensor> near) {
            for (int i = 0; i < right.size(); i++) {
                if (right.get(i).size() > 0) {
                    add(right.get(i).toFloatArray(), near.get(i).toFloatArray());
                }
            }
        }

        private void add(float[] right, float[] near) {
            double product = 0;
            double squares = 0;
            double others = 0;
            for (int i = 0; i < right.length; i++) {
                product += (double) right[i] * near[i];
                squares += (double) right[i] * right[i];
                others += (double) near[i] * near[i];
                noise += ((double) right[i] - near[i]) * ((double) right[i] - near[i]);
            }
            // Two outputs of zeros are alike.
            cosines += squares == 0 && others == 0
                    ? 1
                    : product / Math.max(Math.sqrt(squares * others), Double.MIN_NORMAL);
            signal += squares;
            compared++;
        }

        double decibels() {
            return compared == 0 ? Double.NaN : noise == 0 ? Double.POSITIVE_INFINITY : 10 * Math.log10(signal / noise);
        }
    }
}
