package pomona.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.RandomAccessDataset;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import pomona.Networks;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.graph.Value;

class OutputCosineTest {

    private static final int RECORDS = 6;
    private static final int LENGTH = 5;
    private static final int WIDTH = 3;

    private final NDManager manager = NDManager.newBaseManager();
    private final Tensor weight = Networks.random(1, WIDTH, WIDTH, WIDTH);
    private final Network right = product(weight);

    /** Each position times a matrix; the mask is taken and not used. */
    private static Network product(Tensor weight) {
        return Network.builder("encoder")
                .input(Value.of("x", ElementType.FLOAT, "batch", LENGTH, WIDTH))
                .input(Value.of("mask", ElementType.INT64, "batch", LENGTH))
                .weight("w", weight)
                .node(Node.of("MatMul", "fc", List.of("x", "w"), "y"))
                .output("y", "batch", LENGTH, WIDTH)
                .build();
    }

    /** As many real positions as the record's number, so that the first one has none; padding has large values. */
    private static float[] padded() {
        Random random = new Random(7);
        float[] values = new float[RECORDS * LENGTH * WIDTH];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian() * (isReal(i / WIDTH) ? 1 : 40);
        }
        return values;
    }

    private static boolean isReal(int position) {
        return position % LENGTH < position / LENGTH;
    }

    private RandomAccessDataset data(float[] values) {
        long[] mask = new long[RECORDS * LENGTH];
        for (int i = 0; i < mask.length; i++) {
            mask[i] = isReal(i) ? 1 : 0;
        }
        return new ArrayDataset.Builder()
                .setData(
                        manager.create(values, new Shape(RECORDS, LENGTH, WIDTH)),
                        manager.create(mask, new Shape(RECORDS, LENGTH)))
                .setSampling(2, false)
                .build();
    }

    private Tensor changed(float more) {
        float[] values = weight.toFloatArray();
        values[0] += more;
        values[4] -= 2 * more;
        return Tensor.ofFloats(values, WIDTH, WIDTH);
    }

    private static float[] times(float[] x, float[] w) {
        float[] y = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            for (int k = 0; k < WIDTH; k++) {
                y[i] += x[i / WIDTH * WIDTH + k] * w[k * WIDTH + i % WIDTH];
            }
        }
        return y;
    }

    /** Mean cosine over records, and decibels, of the positions that count. */
    private static double[] expected(float[] r, float[] n, boolean all) {
        double mean = 0;
        int records = 0;
        double signal = 0;
        double noise = 0;
        for (int record = 0; record < RECORDS; record++) {
            double rr = 0;
            double nn = 0;
            double rn = 0;
            for (int i = record * LENGTH * WIDTH; i < (record + 1) * LENGTH * WIDTH; i++) {
                if (all || isReal(i / WIDTH)) {
                    rr += r[i] * r[i];
                    nn += n[i] * n[i];
                    rn += r[i] * n[i];
                    noise += (r[i] - n[i]) * (r[i] - n[i]);
                }
            }
            signal += rr;
            if (all || record > 0) {
                mean += rn / Math.sqrt(rr * nn);
                records++;
            }
        }
        return new double[] {mean / records, 10 * Math.log10(signal / noise)};
    }

    @Test
    void placesThatArePaddedDoNotCount() {
        float[] x = padded();
        Tensor other = changed(0.3f);
        float[] r = times(x, weight.toFloatArray());
        float[] n = times(x, other.toFloatArray());
        double[] real = expected(r, n, false);
        double[] all = expected(r, n, true);
        assertThat(Math.abs(real[0] - all[0])).isGreaterThan(0.001);
        OutputCosine masked = OutputCosine.of(right, product(other), new MeasuredRecords(data(x), RECORDS, "mask"));
        assertThat(masked.mean()).isCloseTo(real[0], within(1e-6));
        assertThat(masked.decibels()).isCloseTo(real[1], within(1e-4));
        assertThat(masked.records()).isEqualTo(RECORDS);
        OutputCosine whole = OutputCosine.of(right, product(other), new MeasuredRecords(data(x), RECORDS));
        assertThat(whole.mean()).isCloseTo(all[0], within(1e-6));
        assertThat(whole.decibels()).isCloseTo(all[1], within(1e-4));
    }

    @Test
    void theTradeoffTakesTheMask() {
        MeasuredRecords records = new MeasuredRecords(data(padded()), RECORDS, "mask");
        Network near = product(changed(0.3f));
        Tradeoff tradeoff = Tradeoff.of(right, near, records);
        assertThat(tradeoff.cosine())
                .isEqualTo(OutputCosine.of(right, near, records).mean());
        assertThat(tradeoff.decibels())
                .isEqualTo(OutputCosine.of(right, near, records).decibels());
        assertThatThrownBy(() -> Tradeoff.of(right, near, new MeasuredRecords(data(padded()), 2, "masc")))
                .hasMessage("Network encoder has no input masc to take as mask; it takes x float[batch,5,3] and mask"
                        + " int64[batch,5].");
    }

    @Test
    void aWrongScaleShowsInDecibelsAlone() {
        float[] doubled = weight.toFloatArray();
        for (int i = 0; i < doubled.length; i++) {
            doubled[i] *= 2;
        }
        OutputCosine alike = OutputCosine.of(
                right,
                product(Tensor.ofFloats(doubled, WIDTH, WIDTH)),
                new MeasuredRecords(data(padded()), RECORDS, "mask"));
        assertThat(alike.mean()).isCloseTo(1, within(1e-9));
        assertThat(alike.decibels()).isCloseTo(0, within(1e-9));
        assertThat(Tradeoff.of(right, right, new MeasuredRecords(data(padded()), RECORDS)))
                .asString()
                .endsWith(", cosine of the outputs 1.0000 (equal) on 6 records of the data");
    }

    @Test
    void valuesThatAreNotFiniteAreNamed() {
        float[] x = padded();
        x[3 * LENGTH * WIDTH + 1] = Float.NaN;
        MeasuredRecords records = new MeasuredRecords(data(x), RECORDS);
        assertThatThrownBy(() -> records.refuseInfinite(right))
                .hasMessage(
                        "Input x of network encoder is NaN or infinite on record 4 of the data; records to measure on"
                                + " are finite.");
        assertThatThrownBy(() -> OutputCosine.of(right, right, records))
                .hasMessage("Network encoder as it was gives values that are NaN or infinite on record 4 of the data.");
        Network broken = product(changed(Float.POSITIVE_INFINITY));
        assertThatThrownBy(() -> OutputCosine.of(right, broken, new MeasuredRecords(data(padded()), RECORDS)))
                .hasMessage(
                        "What became of network encoder gives values that are NaN or infinite on record 1 of the data.");
        records.head(3).refuseInfinite(right);
    }
}
