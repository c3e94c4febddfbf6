package pomona.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pomona.Python;

class CalibrationTest {

    /** Quantiles of the Laplace distribution of scale 1. */
    private static float[] laplace(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            double share = (i + 0.5) / count - 0.5;
            values[i] = (float) (-Math.signum(share) * Math.log(1 - 2 * Math.abs(share)));
        }
        return values;
    }

    private static ActivationRange range(Calibration calibration, ActivationType type, float[]... records) {
        ObservedRange observed = new ObservedRange(calibration);
        for (float[] record : records) {
            assertThat(observed.add(record)).isTrue();
        }
        return observed.range(type, 99);
    }

    /** What ONNX Runtime's calibrator finds. */
    private static double[] judge(Path folder, float[] values, Object... arguments) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        Path file = Files.write(folder.resolve("values.f32"), bytes.array());
        Object[] all = new Object[arguments.length + 1];
        all[0] = file;
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        return Arrays.stream(Python.run("calibrators.py", all).strip().split(" "))
                .mapToDouble(Double::parseDouble)
                .toArray();
    }

    @Test
    void percentilesAreThoseOfOnnxRuntime(@TempDir Path folder) throws IOException {
        float[] values = laplace(100_000);
        double[] right = judge(folder, values, "percentile", 99);
        ActivationRange range = range(Calibration.PERCENTILE, ActivationType.UINT8, values);
        assertThat(range.min()).isCloseTo((float) right[0], within(0.01f));
        assertThat(range.max()).isCloseTo((float) right[1], within(0.01f));
        // The half of a percent on either side: -ln(2 * 0.005).
        assertThat(range.max()).isCloseTo(4.605f, within(0.01f));
    }

    @Test
    void entropyTellsAtLeastAsMuchAsOnnxRuntimes(@TempDir Path folder) throws IOException {
        float[] values = laplace(100_000);
        ActivationRange range = range(Calibration.ENTROPY, ActivationType.INT8, values);
        double[] right = judge(folder, values, "entropy", 4096, 256, range.max());
        // The divergence is flat and rough near its least, so that thresholds differ more than what they lose.
        assertThat(right[3]).isLessThanOrEqualTo(right[2]).isLessThan(0.002);
        assertThat(range.max()).isBetween((float) right[1] * 0.9f, 11.5f);
        assertThat(range.min()).isCloseTo(-range.max(), within(0.01f));
    }

    @Test
    void entropyCutsAnOutlierAndKeepsAnEvenDistributionWhole() {
        float[] even = new float[100_000];
        for (int i = 0; i < even.length; i++) {
            even[i] = (i + 0.5f) / even.length;
        }
        assertThat(range(Calibration.ENTROPY, ActivationType.UINT8, even).max()).isCloseTo(1, within(0.02f));
        ActivationRange cut = range(Calibration.ENTROPY, ActivationType.UINT8, laplace(1_000_000), new float[] {100});
        assertThat(cut.max()).isBetween(5f, 40f);
    }

    /** As in transformers: rare values are far larger than others, on and on, and divergence alone cuts them. */
    @Test
    void entropyKeepsTailsThatCarryTheSignal() {
        float[] values = new float[100_000];
        for (int i = 0; i < values.length; i++) {
            double share = (i + 0.5) / values.length - 0.5;
            values[i] = (float) (Math.signum(share) * (Math.pow(1 - 2 * Math.abs(share), -0.4) - 1));
        }
        float largest = values[values.length - 1];
        double most = error(values, -largest, largest);
        RunningHistogram histogram = new RunningHistogram();
        histogram.add(values);
        int bins = new EntropyRange(histogram.countsBesideZero(), 256).threshold(any -> true);
        float alone = (float) histogram.edge(RunningHistogram.BINS / 2 + bins);
        assertThat(error(values, -alone, alone)).isGreaterThan(5 * most);
        ActivationRange found = range(Calibration.ENTROPY, ActivationType.UINT8, values);
        assertThat(error(values, found.min(), found.max())).isBetween(1.5 * most, 2.01 * most);
        assertThat(found.max()).isBetween(2 * alone, largest);
    }

    @Test
    void oneOutlierAmongFewIsCutOnlyAsFarAsItCostsThreeDecibels() {
        float[] values = Arrays.copyOf(laplace(100_000), 100_001);
        values[100_000] = 100;
        ActivationRange whole = range(Calibration.MIN_MAX, ActivationType.UINT8, values);
        ActivationRange cut = range(Calibration.ENTROPY, ActivationType.UINT8, values);
        double most = error(values, whole.min(), whole.max());
        assertThat(error(values, cut.min(), cut.max())).isBetween(1.5 * most, 2.01 * most);
        assertThat(cut.max()).isBetween(40f, 60f);
    }

    @Test
    void zerosOfReluDoNotCountForEntropyAndSquaredError() {
        float[] values = laplace(50_000);
        for (int i = 0; i < values.length; i++) {
            values[i] = Math.abs(values[i]);
        }
        for (Calibration calibration : new Calibration[] {Calibration.ENTROPY, Calibration.MSE}) {
            assertThat(range(calibration, ActivationType.UINT8, values, new float[500_000]))
                    .isEqualTo(range(calibration, ActivationType.UINT8, values));
        }
    }

    /** Banner et al., table of optimal thresholds: 9.89 times the scale of a Laplace distribution for 8 bits. */
    @Test
    void squaredErrorFindsTheThresholdOfThePaper() {
        ActivationRange range = range(Calibration.MSE, ActivationType.INT8, laplace(4_000_000));
        assertThat(range.max()).isCloseTo(9.89f, within(0.5f));
        assertThat(range.min()).isCloseTo(-9.89f, within(0.5f));
    }

    @Test
    void squaredErrorIsNearTheLeastThatThereIs() {
        float[] values = laplace(20_000);
        for (int i = 0; i < values.length; i++) {
            values[i] = values[i] < 0 ? values[i] / 3 : values[i];
        }
        double least = Double.POSITIVE_INFINITY;
        for (float low = -0.2f; low > -3.4; low -= 0.1f) {
            for (float high = 6; high < 10; high += 0.1f) {
                least = Math.min(least, error(values, low, high));
            }
        }
        ActivationRange found = range(Calibration.MSE, ActivationType.UINT8, values);
        assertThat(error(values, found.min(), found.max())).isLessThan(1.02 * least);
        assertThat(error(values, -3.4f, 10)).isGreaterThan(1.05 * least);
    }

    private static double error(float[] values, float low, float high) {
        double step = (high - low) / 255.0;
        double zero = Math.rint(-low / step);
        double sum = 0;
        for (int i = 0; i < values.length; i++) {
            double q = Math.max(0, Math.min(255, Math.rint(values[i] / step) + zero));
            sum += Math.pow((q - zero) * step - values[i], 2);
        }
        return sum;
    }

    @Test
    void movingAverageIsTheMeanOfAHundredRecordsAndThenMoves() {
        float[][] records = new float[100][];
        for (int i = 0; i < 100; i++) {
            records[i] = new float[] {-i, 2 * i};
        }
        ActivationRange mean = range(Calibration.MOVING_AVERAGE, ActivationType.UINT8, records);
        assertThat(mean.min()).isCloseTo(-49.5f, within(1e-4f));
        assertThat(mean.max()).isCloseTo(99, within(1e-4f));
        float[][] more = Arrays.copyOf(records, 101);
        more[100] = new float[] {-1049.5f, 99};
        ActivationRange moved = range(Calibration.MOVING_AVERAGE, ActivationType.UINT8, more);
        assertThat(moved.min()).isCloseTo(-59.5f, within(1e-4f));
        assertThat(moved.max()).isCloseTo(99, within(1e-4f));
    }

    @Test
    void minMaxHoldsAllValues() {
        ActivationRange range =
                range(Calibration.MIN_MAX, ActivationType.UINT8, new float[] {-1, 3}, new float[] {2, -7});
        assertThat(range).isEqualTo(new ActivationRange(-7, 3, ActivationType.UINT8));
    }

    @Test
    void nothingSeenIsARangeOfZeros() {
        for (Calibration calibration : Calibration.values()) {
            assertThat(range(calibration, ActivationType.UINT8))
                    .isEqualTo(new ActivationRange(0, 0, ActivationType.UINT8));
            assertThat(range(calibration, ActivationType.UINT8, new float[100]).max())
                    .isLessThan(1e-6f);
        }
    }

    @Test
    void scaleAndZeroPointOfEachType() {
        assertThat(new ActivationRange(-1, 1, ActivationType.UINT8).zeroPoint()).isBetween(127, 128);
        assertThat(new ActivationRange(-1, 1, ActivationType.INT8).zeroPoint()).isBetween(-1, 0);
        assertThat(new ActivationRange(0, 1, ActivationType.INT8).zeroPoint()).isEqualTo(-128);
        assertThat(new ActivationRange(0, 1, ActivationType.UINT16).scale()).isCloseTo(1 / 65535f, within(1e-9f));
        assertThat(new ActivationRange(0, 1, ActivationType.INT16).zeroPoint()).isEqualTo(-32768);
    }
}
