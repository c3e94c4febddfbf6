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
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import pomona.Networks;
import pomona.RealModels;
import pomona.djl.IdxDataset;
import pomona.graph.Attribute;
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
        Network smooth = block().apply(new SmoothQuant(data(), 64, 0.5).withMinimumGain(0));
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
    void anOperatorIsAddedOnlyWhereItGainsEnough() {
        assertThat(count(block().apply(new SmoothQuant(data(), 64)), "Mul")).isZero();
        float[] scale = block().weight("g").toFloatArray();
        scale[3] = 60;
        Network network =
                block().toBuilder().weight("g", Tensor.ofFloats(scale, 16)).build();
        Network smooth = network.apply(new SmoothQuant(data(), 64));
        assertThat(count(smooth, "Mul")).isEqualTo(1);
        assertThat(smooth.provenance().toString()).contains("alpha=auto", "minimumGain=2.0");
        assertThat(count(network.apply(new SmoothQuant(data(), 64).withMinimumGain(1000)), "Mul"))
                .isZero();
        Map<String, Tensor> feeds = Map.of("x", outliers(6));
        assertThat(relativeError(network, smooth, feeds)).isLessThan(1e-5);
        double plain = relativeError(network, network.apply(new DynamicQuantization()), feeds);
        double automatic = relativeError(network, smooth.apply(new DynamicQuantization()), feeds);
        assertThat(automatic).isLessThan(plain / 2);
    }

    private static Node transposed(String input, String output, long... order) {
        return Node.of("Transpose", output, List.of(input), output).with("perm", Attribute.ofInts(order));
    }

    /** Two heads of eight channels, as exporters write them; the output layer's input has a channel of outliers. */
    private static Network attention() {
        float[] values = Networks.random(4, 16, 16, 16).toFloatArray();
        for (int row = 0; row < 16; row++) {
            values[row * 16 + 5] *= 40;
        }
        return Network.builder("attention")
                .input("x", "batch", "tokens", 16)
                .weight("q", Networks.random(2, 16, 16, 16))
                .weight("k", Networks.random(3, 16, 16, 16))
                .weight("v", Tensor.ofFloats(values, 16, 16))
                .weight("v.bias", Networks.uniform(5, -1, 1, 16))
                .weight("o", Networks.random(6, 16, 16, 16))
                .weight("apart", Tensor.ofLongs(new long[] {0, 0, 2, 8}, 4))
                .weight("together", Tensor.ofLongs(new long[] {0, 0, 16}, 3))
                .node("MatMul", List.of("x", "q"), "queries")
                .node("MatMul", List.of("x", "k"), "keys")
                .node("MatMul", List.of("x", "v"), "products")
                .node("Add", List.of("v.bias", "products"), "values")
                .node("Reshape", List.of("queries", "apart"), "q4")
                .node("Reshape", List.of("keys", "apart"), "k4")
                .node("Reshape", List.of("values", "apart"), "v4")
                .node(transposed("q4", "qh", 0, 2, 1, 3))
                .node(transposed("k4", "kh", 0, 2, 3, 1))
                .node(transposed("v4", "vh", 0, 2, 1, 3))
                .node("MatMul", List.of("qh", "kh"), "scores")
                .node("Softmax", List.of("scores"), "shares")
                .node("MatMul", List.of("shares", "vh"), "sums")
                .node(transposed("sums", "heads", 0, 2, 1, 3))
                .node("Reshape", List.of("heads", "together"), "joined")
                .node("MatMul", List.of("joined", "o"), "y")
                .output("y", "batch", "tokens", 16)
                .build();
    }

    @Test
    void theValuesOfAnAttentionTakeWhatItsOutputIsDividedBy() {
        Tensor x = Networks.uniform(7, -1, 1, 4, 6, 16);
        RandomAccessDataset tokens = new ArrayDataset.Builder()
                .setData(manager.create(x.toFloatArray(), new Shape(4, 6, 16)))
                .setSampling(2, false)
                .build();
        Network network = attention();
        Network smooth = network.apply(new SmoothQuant(tokens, 4, MigrationStrength.AUTO, false, 2, "*"));
        assertThat(count(smooth, "Mul")).isZero();
        assertThat(smooth.weight("v")).isNotEqualTo(network.weight("v"));
        assertThat(smooth.weight("v.bias")).isNotEqualTo(network.weight("v.bias"));
        assertThat(smooth.weight("q")).isEqualTo(network.weight("q"));
        Map<String, Tensor> feeds = Map.of("x", Networks.uniform(8, -1, 1, 3, 5, 16));
        assertThat(relativeError(network, smooth, feeds)).isLessThan(1e-5);
        // What else takes the values keeps them as they are.
        Network watched =
                network.toBuilder().output("values", "batch", "tokens", 16).build();
        assertThatThrownBy(() -> watched.apply(new SmoothQuant(tokens, 4, 0.5, false, "o")))
                .hasMessageStartingWith("Network attention has no layer whose input can be smoothed");
    }

    @Test
    void theStrengthIsReadAndRefused() {
        assertThat(MigrationStrength.parse(" auto "))
                .isEqualTo(MigrationStrength.AUTO)
                .hasToString("auto");
        assertThat(MigrationStrength.parse("0.75"))
                .isEqualTo(new MigrationStrength(0.75))
                .hasToString("0.75");
        for (String text : List.of("much", "NaN", "1.5", "-0.1")) {
            assertThatThrownBy(() -> MigrationStrength.parse(text))
                    .hasMessage("Option alpha is " + text + ", but it must be from 0 to 1, or auto.");
        }
        assertThatThrownBy(() -> new SmoothQuant(data(), 1).withMinimumGain(-1))
                .hasMessage("Option minimum-gain is -1.0, but it must be 0 or more.");
        assertThatThrownBy(() -> new SmoothQuant(data(), 1, null, true, 2, "*"))
                .hasMessage("Option alpha was not given; it is from 0 to 1, or auto.");
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
                .hasMessage("Option alpha is 1.5, but it must be from 0 to 1, or auto.");
        Network one = Networks.mlp(16, 4);
        assertThatThrownBy(() -> one.apply(new SmoothQuant(data(), 1, 0.5, false, "*")))
                .hasMessage("Network mlp has no layer whose input can be smoothed without an operator of its own"
                        + " (option insert); it would be what a Gemm, MatMul or Conv with constant weights is fed.");
        RandomAccessDataset broken = new ArrayDataset.Builder()
                .setData(manager.create(new float[] {1, Float.NaN, 2, 3}, new Shape(1, 4)))
                .setSampling(1, false)
                .build();
        assertThatThrownBy(() -> Networks.mlp(4, 2).apply(new SmoothQuant(broken, 1, 0.5)))
                .hasMessage(
                        "Input x of network mlp is NaN or infinite on record 1 of the calibration data; a network to"
                                + " smooth is fed finite values.");
    }
}
