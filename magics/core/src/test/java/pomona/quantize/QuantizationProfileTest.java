package pomona.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.RandomAccessDataset;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import pomona.Equality;
import pomona.Networks;
import pomona.graph.ElementType;
import pomona.graph.Network;

class QuantizationProfileTest {

    private static NDManager manager;
    private static RandomAccessDataset images;

    @BeforeAll
    static void open() {
        manager = NDManager.newBaseManager();
        float[] values = Networks.uniform(5, -1, 1, 40, 1, 12, 12).toFloatArray();
        images = new ArrayDataset.Builder()
                .setData(manager.create(values, new Shape(40, 1, 12, 12)))
                .setSampling(7, false)
                .build();
    }

    @AfterAll
    static void close() {
        manager.close();
    }

    @Test
    void aWeightThatTwoLayersShareIsOfOneTypeInBoth() {
        Network shared = Network.builder("shared")
                .input("x", "batch", 8)
                .weight("w", Networks.uniform(1, -1, 1, 8, 8))
                .node(pomona.graph.Node.of("MatMul", "fc1", List.of("x", "w"), "a"))
                .node(pomona.graph.Node.of("MatMul", "fc2", List.of("a", "w"), "y"))
                .output("y", "batch", 8)
                .build();
        for (Network small :
                List.of(shared.apply(new DynamicQuantization()), shared.apply(new WeightOnlyQuantization(true, "*")))) {
            assertThat(QuantizationProfile.of(shared, small).layers())
                    .extracting(layer -> layer.layer() + " " + layer.weight())
                    .containsExactly("fc1 INT8", "fc2 INT8");
        }
    }

    @Test
    void saysWhatEachLayerBecame() {
        Network cnn = Networks.cnn();
        Network small = cnn.apply(new StaticQuantization(images, 40));
        List<QuantizedLayer> layers =
                QuantizationProfile.of(cnn, small, images, 40).layers();
        assertThat(layers).extracting(QuantizedLayer::layer).containsExactly("conv1", "conv2", "fc");
        assertThat(layers).extracting(QuantizedLayer::weight).containsOnly(ElementType.INT8);
        assertThat(layers).extracting(QuantizedLayer::activation).containsOnly(ElementType.UINT8);
        assertThat(layers).allSatisfy(layer -> assertThat(layer.sqnr()).isBetween(28.0, 60.0));
        QuantizedLayer first = layers.get(0);
        // Records lie between -1 and 1; weights become bytes, biases 32-bit integers, each with scale and zero point.
        assertThat(first.min()).isCloseTo(-1, within(0.01f));
        assertThat(first.max()).isCloseTo(1, within(0.01f));
        assertThat(first.scale()).isCloseTo(2 / 255f, within(1e-4f));
        assertThat(first.zeroPoint()).isBetween(127, 128);
        assertThat(first.bytesBefore()).isEqualTo(4 * (36 + 4));
        assertThat(first.bytesAfter()).isEqualTo(36 + 4 * 4 + 4 + 4 * 4 + 4 * 4);
    }

    @Test
    void theRatioOfTheLastLayerIsThatOfTheOutputs() {
        Network mlp = Networks.mlp(144, 16, 4);
        RandomAccessDataset flat = new ArrayDataset.Builder()
                .setData(manager.create(Networks.uniform(5, -1, 1, 40, 144).toFloatArray(), new Shape(40, 144)))
                .setSampling(40, false)
                .build();
        Network small = mlp.apply(new StaticQuantization(flat, 40));
        double error = Equality.relativeError(mlp, small, java.util.Map.of("x", Networks.uniform(5, -1, 1, 40, 144)));
        QuantizedLayer last =
                QuantizationProfile.of(mlp, small, flat, 40).layers().get(1);
        assertThat(last.sqnr()).isCloseTo(-20 * Math.log10(error), within(0.1));
    }

    @Test
    void otherSchemesHaveTheirOwnTypes() {
        Network mlp = Networks.mlp(144, 16, 4);
        List<QuantizedLayer> dynamic = QuantizationProfile.of(mlp, mlp.apply(new DynamicQuantization()))
                .layers();
        assertThat(dynamic).extracting(QuantizedLayer::weight).containsOnly(ElementType.INT8);
        assertThat(dynamic).extracting(QuantizedLayer::activation).containsOnly(ElementType.UINT8);
        assertThat(dynamic).extracting(QuantizedLayer::scale).containsOnly(Float.NaN);
        List<QuantizedLayer> same = QuantizationProfile.of(mlp, mlp).layers();
        assertThat(same).extracting(QuantizedLayer::isQuantized).containsOnly(false);
        assertThat(same).extracting(QuantizedLayer::activation).containsOnlyNulls();
        assertThat(same).allSatisfy(layer -> assertThat(layer.bytesAfter()).isEqualTo(layer.bytesBefore()));
    }

    @Test
    void layersThatStayInFloatSaySo() {
        Network cnn = Networks.cnn();
        Network small = cnn.apply(
                new StaticQuantization(images, 40, Calibration.MIN_MAX, 99.99, true, ReducedRange.OFF, "*, !conv2"));
        QuantizedLayer kept =
                QuantizationProfile.of(cnn, small, images, 8).layers().get(1);
        assertThat(kept.layer()).isEqualTo("conv2");
        assertThat(kept.isQuantized()).isFalse();
        assertThat(kept.bytesAfter()).isEqualTo(kept.bytesBefore());
        assertThat(kept.sqnr()).isGreaterThan(28);
    }

    @Test
    void aHistogramCountsAllInputsOfALayer() {
        Network cnn = Networks.cnn();
        Network small =
                cnn.apply(new StaticQuantization(images, 40, Calibration.PERCENTILE, 90, true, ReducedRange.OFF, "*"));
        ActivationHistogram histogram = ActivationHistogram.of(cnn, small, "conv1", images, 30);
        assertThat(histogram.value()).isEqualTo("x");
        assertThat(histogram.counts().stream().mapToLong(count -> count).sum()).isEqualTo(30 * 144);
        assertThat(histogram.counts()).hasSizeBetween(100, 200);
        assertThat(histogram.observedMin()).isBetween(-1.0, -0.99);
        assertThat(histogram.observedMax()).isBetween(0.99, 1.0);
        assertThat(histogram.from()).isLessThanOrEqualTo(histogram.observedMin());
        assertThat(histogram.to()).isGreaterThan(histogram.observedMax());
        assertThat(histogram.rangeMin()).isCloseTo(-0.9, within(0.02));
        assertThat(histogram.rangeMax()).isCloseTo(0.9, within(0.02));
        assertThat(histogram.cutShare()).isCloseTo(0.1, within(0.02));
    }

    @Test
    void refusesALayerThatIsNotThere() {
        Network cnn = Networks.cnn();
        assertThatThrownBy(() -> ActivationHistogram.of(cnn, cnn, "conv3", images, 1))
                .hasMessage("Network cnn has no layer conv3; did you mean conv1 or conv2?");
    }
}
