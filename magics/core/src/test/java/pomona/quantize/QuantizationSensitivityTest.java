package pomona.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.RandomAccessDataset;
import java.util.List;
import org.junit.jupiter.api.Test;
import pomona.Networks;
import pomona.djl.IdxDataset;
import pomona.evaluate.Evaluation;
import pomona.evaluate.FedBatch;
import pomona.evaluate.MeasuredRecords;
import pomona.evaluate.Sensitivity;
import pomona.graph.Network;
import pomona.graph.Tensor;

class QuantizationSensitivityTest {

    private static final Network FLOATS = LeNets.trained();
    private static final IdxDataset DATA = LeNets.TEST.limit(500);

    @Test
    void quantizesOneLayerAtATime() {
        Sensitivity scan = QuantizationSensitivity.measured(FLOATS, LayerScheme.STATIC, List.of(8.0), "f*", DATA)
                .run();
        assertThat(scan.layers()).containsExactly("f1.w", "f2.w");
        assertThat(scan.baseline()).isEqualTo(Evaluation.errorPercent(FLOATS, DATA));
        Network alone = FLOATS.apply(
                new StaticQuantization(DATA, 128, Calibration.MIN_MAX, 99.99, true, ReducedRange.AUTO, "f1.w"));
        assertThat(scan.error("f1.w", 8)).isEqualTo(Evaluation.errorPercent(alone, DATA));
    }

    @Test
    void fewerBitsCostMore() {
        Sensitivity scan = QuantizationSensitivity.measured(FLOATS, LayerScheme.WEIGHTS, List.of(2.0, 8.0), "c2", DATA)
                .run();
        assertThat(scan.error("c2.w", 2)).isGreaterThan(scan.error("c2.w", 8));
    }

    /** Of the cross entropy of a linear classifier the trace is known: the inputs' square times the sum of p (1 - p). */
    @Test
    void theTraceIsThatOfAlgebra() {
        try (NDManager manager = NDManager.newBaseManager()) {
            Network network = Networks.mlp(6, 4);
            Tensor inputs = Networks.uniform(3, -1, 1, 128, 6);
            RandomAccessDataset data = new ArrayDataset.Builder()
                    .setData(manager.create(inputs.toFloatArray(), new Shape(128, 6)))
                    .optLabels(manager.zeros(new Shape(128)))
                    .setSampling(32, false)
                    .build();
            double expected = trace(network, inputs) / 24;
            double found = HessianTrace.means(network, List.of("fc1.weight"), data, 60, 1)
                    .get("fc1.weight");
            assertThat(found).isCloseTo(expected, within(0.1 * expected));
        }
    }

    private static double trace(Network network, Tensor inputs) {
        float[] x = inputs.toFloatArray();
        float[] y = pomona.Equality.run(network, java.util.Map.of("x", inputs));
        double trace = 0;
        for (int row = 0; row < 128; row++) {
            double square = 0;
            for (int i = 0; i < 6; i++) {
                square += x[row * 6 + i] * x[row * 6 + i];
            }
            double sum = 0;
            for (int k = 0; k < 4; k++) {
                sum += Math.exp(y[row * 4 + k]);
            }
            for (int k = 0; k < 4; k++) {
                double p = Math.exp(y[row * 4 + k]) / sum;
                trace += square * p * (1 - p) / 128;
            }
        }
        return trace;
    }

    @Test
    void theCurvatureTellsWhatFewerBitsCost() {
        Sensitivity scan = QuantizationSensitivity.byHessian(FLOATS, List.of(3.0, 8.0), "*", LeNets.TRAIN, 2, 0)
                .run();
        assertThat(scan.measure().quantity()).isEqualTo("predicted rise of the loss");
        assertThat(scan.baseline()).isZero();
        assertThat(scan.layers()).allSatisfy(layer -> assertThat(Math.abs(scan.error(layer, 3)))
                .isGreaterThan(100 * Math.abs(scan.error(layer, 8))));
        assertThat(scan.toString())
                .startsWith("sensitivity of lenet-5: 4 layers at 3 and 8 bits, predicted rise of the loss 0");
    }

    @Test
    void refusesBitsThatASchemeDoesNotHave() {
        assertThatThrownBy(() -> QuantizationSensitivity.measured(FLOATS, LayerScheme.WEIGHTS, List.of(1.0), "*", DATA))
                .hasMessage("Bits 1 are out of range; they are whole, from 2 to 8.");
        assertThatThrownBy(() -> QuantizationSensitivity.measured(FLOATS, LayerScheme.STATIC, List.of(4.0), "*", DATA))
                .hasMessage("Bits 4 can not be measured with scheme static, which has 8; scheme weights has 2 to 8.");
        assertThatThrownBy(() -> HessianTrace.means(FLOATS, List.of("c1.w"), DATA, 0, 0))
                .hasMessage("Option probes is 0, but it must be 1 or more.");
    }

    @Test
    void withoutLabelsTheNoiseOfTheOutputsIsMeasured() {
        Network network = Networks.mlp(32, 16, 8);
        RandomAccessDataset data = RandomRecords.of(40, 32);
        Sensitivity scan = QuantizationSensitivity.bySignalToNoise(network, LayerScheme.INT4, List.of(4.0), "*", data)
                .run();
        assertThat(scan.measure()).isEqualTo(Sensitivity.Measure.SIGNAL_TO_NOISE);
        assertThat(scan.baseline()).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(scan).hasToString("sensitivity of mlp: 2 layers at 4 bits, signal-to-noise dB, 2 of 2 measured");
        Network alone = network.apply(new WeightOnlyQuantization(BlockFormat.INT4, WeightRange.MSE, "fc1.weight"));
        assertThat(scan.error("fc1.weight", 4)).isCloseTo(decibels(network, alone, data), within(1e-6));
        double worst = Math.min(scan.error("fc1.weight", 4), scan.error("fc2.weight", 4));
        double best = Math.max(scan.error("fc1.weight", 4), scan.error("fc2.weight", 4));
        assertThat(worst).isBetween(10.0, 30.0);
        assertThat(scan.targets(worst)).isEqualTo("fc1.weight=4.0, fc2.weight=4.0");
        assertThat(scan.targets(best + 0.1)).isEqualTo("fc1.weight=0.0, fc2.weight=0.0");
    }

    private static double decibels(Network network, Network changed, RandomAccessDataset data) {
        double[] sums = new double[2];
        FedBatch.forEach(network, data, 1, 32, batch -> {
            float[] right = pomona.Equality.run(network, batch.feeds());
            float[] near = pomona.Equality.run(changed, batch.feeds());
            for (int i = 0; i < right.length; i++) {
                sums[0] += right[i] * (double) right[i];
                sums[1] += Math.pow(right[i] - (double) near[i], 2);
            }
        });
        return 10 * Math.log10(sums[0] / sums[1]);
    }

    @Test
    void eachSchemeHasItsBits() {
        assertThatThrownBy(() ->
                        QuantizationSensitivity.bySignalToNoise(FLOATS, LayerScheme.INT4, List.of(8.0), "*", DATA))
                .hasMessage("Bits 8 can not be measured with scheme int4, which has 4; scheme weights has 2 to 8.");
        assertThat(QuantizationSensitivity.measured(FLOATS, LayerScheme.FLOAT16, List.of(16.0), "f2", DATA)
                        .run()
                        .error("f2.w", 16))
                .isEqualTo(Evaluation.errorPercent(
                        new PrecisionMix(java.util.Map.of("f2.w", LayerScheme.FLOAT16))
                                .of(FLOATS, new MeasuredRecords(DATA, 128)),
                        DATA));
        Network small = FLOATS.apply(new WeightOnlyQuantization());
        assertThatThrownBy(() ->
                        QuantizationSensitivity.bySignalToNoise(small, LayerScheme.STATIC, List.of(8.0), "*", DATA))
                .hasMessageStartingWith("Network lenet-5 is quantized already: operator c1.w.dequantize is");
    }
}
