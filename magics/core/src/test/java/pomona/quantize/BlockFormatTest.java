package pomona.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.RandomAccessDataset;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import pomona.Equality;
import pomona.Networks;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.graph.Value;
import pomona.onnx.Onnx;
import pomona.pass.Pass;

/** Every format of blocks by every technique, on ONNX Runtime beside the network of floats. */
class BlockFormatTest {

    private static final int WIDE = 288;
    private static final int NARROW = 24;
    private static final int ROWS = 12;

    private static final Network FLOATS = floats();
    private static final RandomAccessDataset DATA = new ArrayDataset.Builder()
            .setData(RandomRecords.array(ids(48), 48))
            .setSampling(8, false)
            .build();
    private static final Map<String, Tensor> FEEDS = Map.of("ids", Tensor.ofLongs(ids(24), 24));
    private static final float[] WANTED = Equality.run(FLOATS, FEEDS);

    private static long[] ids(int count) {
        return new Random(count).longs(count, 0, ROWS).toArray();
    }

    /** A table, Gemm in both forms and MatMul; rows end inside a block of every size but 16 and 32. */
    private static Network floats() {
        return Network.builder("grid")
                .input(Value.of("ids", ElementType.INT64, "batch"))
                .weight("table", uneven(1, 1, ROWS, WIDE, 0))
                .weight("w1", uneven(2, WIDE, NARROW, WIDE, 0))
                .weight("b1", Networks.uniform(3, -1, 1, NARROW))
                .weight("w2", uneven(4, NARROW, NARROW, WIDE, 1))
                .weight("b2", Networks.uniform(5, -1, 1, WIDE))
                .weight("w3", uneven(6, WIDE, WIDE, NARROW, 1))
                .node("Gather", List.of("table", "ids"), "rows")
                .node(Node.of("Gemm", "turned", List.of("rows", "w1", "b1"), "h1")
                        .with("transB", Attribute.of(1)))
                .node("Relu", List.of("h1"), "r1")
                .node(Node.of("Gemm", "plain", List.of("r1", "w2", "b2"), "h2"))
                .node(Node.of("MatMul", "last", List.of("h2", "w3"), "y"))
                .output("y", "batch", NARROW)
                .build();
    }

    /** Weights that are not centred and whose neighbours have other sizes, so that no scale or zero point does for another. */
    private static Tensor uneven(long seed, int fanIn, int rows, int columns, int outputAxis) {
        float[] values = Networks.random(seed, fanIn, rows, columns).toFloatArray();
        double middle = 0.8 * Math.sqrt(2.0 / fanIn);
        for (int i = 0; i < values.length; i++) {
            int input = outputAxis == 0 ? i % columns : i / columns;
            int output = outputAxis == 0 ? i / columns : i % columns;
            values[i] = (float)
                    ((values[i] + (output % 2 == 0 ? middle : -middle)) * (1 + input / 16 % 4) * (1 + output % 3));
        }
        return Tensor.ofFloats(values, rows, columns);
    }

    private static Pass pass(String method, BlockFormat format) {
        return switch (method) {
            case "nearest" -> new WeightOnlyQuantization(format, WeightRange.MIN_MAX);
            case "gptq" -> new GptqQuantization(format, DATA, 48, 0.01, true, true, "*");
            case "hqq" -> new HqqQuantization(format);
            default -> new AwqQuantization(format, DATA, 48, 4, true, true, "*");
        };
    }

    static Stream<BlockFormat> formats() {
        List<BlockFormat> formats = new ArrayList<>();
        for (int block : BlockFormat.BLOCKS) {
            for (int bits : new int[] {4, 8}) {
                for (boolean symmetric : new boolean[] {true, false}) {
                    for (WeightForm form : WeightForm.values()) {
                        formats.add(new BlockFormat(bits, block, symmetric, form, true, false));
                    }
                }
            }
        }
        return formats.stream();
    }

    @ParameterizedTest
    @MethodSource("formats")
    void everyTechniqueStaysNearTheFloats(BlockFormat format) {
        double bound = format.bits() == 4 ? 0.25 : 0.03;
        for (String method : List.of("nearest", "gptq", "hqq", "awq")) {
            Network quantized = FLOATS.apply(pass(method, format));
            Network read = Onnx.read(Onnx.bytes(quantized), "again");
            assertThat(error(read)).as(method).isLessThan(bound);
            boolean kernels =
                    quantized.nodes().stream().anyMatch(node -> node.op().equals("MatMulNBits"));
            assertThat(kernels).isEqualTo(format.form() == WeightForm.KERNEL);
        }
    }

    /** The bound of the test above tells right scales and zero points of each weight from wrong ones. */
    @ParameterizedTest
    @MethodSource("formats")
    void wrongScalesAndZeroPointsShow(BlockFormat format) {
        Network quantized = FLOATS.apply(pass("nearest", format));
        for (String weight : List.of("table", "w1", "w2", "w3")) {
            assertThat(error(turned(quantized, weight + ".scale"))).as(weight).isGreaterThan(0.3);
            if (!format.symmetric()) {
                assertThat(error(inverted(quantized, weight + ".zero")))
                        .as(weight)
                        .isGreaterThan(0.3);
            }
        }
    }

    private static double error(Network quantized) {
        return Equality.relativeError(WANTED, Equality.run(quantized, FEEDS));
    }

    /** Scales from last to first. */
    private static Network turned(Network quantized, String name) {
        Tensor tensor = quantized.weight(name);
        float[] scales = tensor.toFloatArray();
        float[] turned = new float[scales.length];
        for (int i = 0; i < scales.length; i++) {
            turned[i] = scales[scales.length - 1 - i];
        }
        return quantized.withWeights(Map.of(name, Tensor.ofFloats(turned, tensor.shape())));
    }

    /** Zero points as far from one end of the integers as they were from the other. */
    private static Network inverted(Network quantized, String name) {
        Tensor tensor = quantized.weight(name);
        byte[] bytes = new byte[Math.toIntExact(tensor.bytes())];
        tensor.data().get(bytes);
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) ~bytes[i];
        }
        return quantized.withWeights(Map.of(name, Tensor.of(tensor.type(), ByteBuffer.wrap(bytes), tensor.shape())));
    }
}
