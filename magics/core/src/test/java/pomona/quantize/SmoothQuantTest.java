package pomona.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static pomona.Equality.relativeError;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.RandomAccessDataset;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import pomona.Networks;
import pomona.RealModels;
import pomona.djl.IdxDataset;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.graph.Value;

class SmoothQuantTest {

    private static NDManager manager;

    @BeforeAll
    static void open() {
        manager = NDManager.newBaseManager();
    }

    @AfterAll
    static void close() {
        manager.close();
    }

    /** Records in which one place is a hundred times as large as the others. */
    private static Tensor outliers(long seed) {
        float[] values = Networks.uniform(seed, -1, 1, 64, 16).toFloatArray();
        for (int i = 3; i < values.length; i += 16) {
            values[i] *= 100;
        }
        return Tensor.ofFloats(values, 64, 16);
    }

    private static RandomAccessDataset data() {
        return new ArrayDataset.Builder()
                .setData(manager.create(outliers(5).toFloatArray(), new Shape(64, 16)))
                .setSampling(16, false)
                .build();
    }

    private static long count(Network network, String op) {
        return network.nodes().stream().filter(node -> node.is(op)).count();
    }

    private static Network block() {
        return BlockNetworks.normalized(16, 0.5f, 2);
    }

    @Test
    void goesIntoANormalizationOrAnOperatorOfItsOwn() {
        Network smooth = block().apply(new SmoothQuant(data(), 64, 0.5));
        assertThat(count(smooth, "Mul")).isEqualTo(1);
        assertThat(smooth.weight("g")).isEqualTo(block().weight("g"));
        assertThat(smooth.weights()).containsKeys("g.scaled", "b.scaled", "n2.smoothing");
        assertThat(relativeError(block(), smooth, Map.of("x", outliers(6)))).isLessThan(1e-5);
        Network bare = block().apply(new SmoothQuant(data(), 64, 0.5, false, "*"));
        assertThat(count(bare, "Mul")).isZero();
        assertThat(bare.weight("w2")).isEqualTo(block().weight("w2"));
        assertThat(relativeError(block(), bare, Map.of("x", outliers(6)))).isLessThan(1e-5);
    }

    @Test
    void outliersNoLongerDecideTheRange() {
        Network network = Networks.mlp(16, 4);
        Network smooth = network.apply(new SmoothQuant(data(), 64, 0.5));
        Map<String, Tensor> feeds = Map.of("x", outliers(6));
        assertThat(relativeError(network, smooth, feeds)).isLessThan(1e-5);
        float[] met = WeightAxes.of(smooth, layer(smooth))
                .inputMaxima(smooth.weight("fc1.weight").toFloatArray(), 16);
        float[] factors = smooth.weight("x.smoothing").toFloatArray();
        float[] largest = new float[16];
        float[] fed = outliers(5).toFloatArray();
        for (int i = 0; i < fed.length; i++) {
            largest[i % 16] = Math.max(largest[i % 16], Math.abs(fed[i] * factors[i % 16]));
        }
        // With alpha at one half, both sides have the same range in each channel.
        assertThat(largest).usingComparatorWithPrecision(1e-4f).containsExactly(met);
    }

    private static Node layer(Network network) {
        return network.nodes().stream()
                .filter(node -> node.is("Gemm"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aConvolutionalNetworkIsSmoothedWithoutOperators() {
        Network network = Networks.cnn();
        RandomAccessDataset images = new ArrayDataset.Builder()
                .setData(manager.create(
                        Networks.uniform(5, -1, 1, 20, 1, 12, 12).toFloatArray(), new Shape(20, 1, 12, 12)))
                .setSampling(16, false)
                .build();
        Network smooth = network.apply(new SmoothQuant(images, 20, 0.7));
        assertThat(count(smooth, "Mul")).isZero();
        assertThat(smooth.weight("conv2.weight")).isNotEqualTo(network.weight("conv2.weight"));
        assertThat(relativeError(network, smooth, Map.of("x", Networks.uniform(9, -1, 1, 3, 1, 12, 12))))
                .isLessThan(1e-5);
    }

    @Test
    void aPublishedEncoderGivesTheSame() {
        Network network = RealModels.miniLm();
        Map<String, Tensor> tokens = RealModels.tokens(network, 4, 16);
        ArrayDataset.Builder builder = new ArrayDataset.Builder();
        NDList parts = new NDList();
        for (Value input : network.signature().inputs()) {
            parts.add(manager.create(tokens.get(input.name()).toLongArray(), new Shape(4, 16)));
        }
        RandomAccessDataset data = builder.setData(parts.toArray(new ai.djl.ndarray.NDArray[0]))
                .setSampling(4, false)
                .build();
        Network smooth = network.apply(new SmoothQuant(data, 4, 0.5));
        assertThat(count(smooth, "Mul")).isGreaterThan(count(network, "Mul"));
        assertThat(relativeError(network, smooth, tokens)).isLessThan(1e-5);
    }

    @Test
    void refusesWhatItCanNotDo() {
        IdxDataset images = IdxDataset.test(Path.of("../../notebooks/data/mnist"));
        assertThatThrownBy(() -> new SmoothQuant(null, 1, 0.5))
                .hasMessage("Option data was not given; it is a data set to measure activations on.");
        assertThatThrownBy(() -> new SmoothQuant(images, 0, 0.5))
                .hasMessage("Option samples is 0, but it must be 1 or more.");
        assertThatThrownBy(() -> new SmoothQuant(images, 1, 1.5))
                .hasMessage("Option alpha is 1.5, but it must be from 0 to 1.");
        Network one = Networks.mlp(16, 4);
        assertThatThrownBy(() -> one.apply(new SmoothQuant(data(), 1, 0.5, false, "*")))
                .hasMessage("Network mlp has no layer whose input can be smoothed without an operator of its own"
                        + " (option insert); it would be what a Gemm, MatMul or Conv with constant weights is fed.");
        RandomAccessDataset broken = new ArrayDataset.Builder()
                .setData(manager.create(new float[] {1, Float.NaN, 2, 3}, new Shape(1, 4)))
                .setSampling(1, false)
                .build();
        assertThatThrownBy(() -> Networks.mlp(4, 2).apply(new SmoothQuant(broken, 1, 0.5)))
                .hasMessage("Value x of network mlp is NaN or infinite on the calibration data; a network to smooth"
                        + " gives finite values.");
    }
}
