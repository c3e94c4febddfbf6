package pomona.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import pomona.Equality;
import pomona.Networks;
import pomona.RealModels;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.graph.TensorStore;
import pomona.graph.Value;
import pomona.onnx.Onnx;
import pomona.pass.PassBinding;

class HalfPrecisionTest {

    @Test
    void everyFloat16ComesBack() {
        byte[] bytes = new byte[2 << 16];
        for (int i = 0; i < 1 << 16; i++) {
            bytes[2 * i] = (byte) i;
            bytes[2 * i + 1] = (byte) (i >> 8);
        }
        float[] all = Tensor.of(ElementType.FLOAT16, java.nio.ByteBuffer.wrap(bytes), 1 << 16)
                .toFloatArray();
        for (int i = 0; i < all.length; i++) {
            if (Float.isFinite(all[i])) {
                assertThat(HalfTensors.float16(all[i])).isEqualTo((short) i);
            }
        }
    }

    @Test
    void roundsToTheNearestAndHalvesToTheEvenOne() {
        // Between 1 and its neighbour lies 2^-10: half of it goes to 1, three halves to the second neighbour.
        assertThat(HalfTensors.float16(1 + 0x1p-11f)).isEqualTo((short) 0x3C00);
        assertThat(HalfTensors.float16(1 + 0x1p-11f + 0x1p-20f)).isEqualTo((short) 0x3C01);
        assertThat(HalfTensors.float16(1 + 3 * 0x1p-11f)).isEqualTo((short) 0x3C02);
        assertThat(HalfTensors.float16(0x1p-25f)).isEqualTo((short) 0);
        assertThat(HalfTensors.float16(-0x1.8p-24f)).isEqualTo((short) 0x8002);
        assertThat(HalfTensors.float16(1e30f)).isEqualTo((short) 0x7BFF);
        assertThat(HalfTensors.float16(Float.NEGATIVE_INFINITY)).isEqualTo((short) 0xFBFF);
        assertThat(HalfTensors.bfloat16(1 + 0x1p-8f)).isEqualTo((short) 0x3F80);
        assertThat(HalfTensors.bfloat16(1 + 3 * 0x1p-8f)).isEqualTo((short) 0x3F82);
        assertThat(HalfTensors.bfloat16(Float.MAX_VALUE)).isEqualTo((short) 0x7F7F);
        assertThat(HalfTensors.bfloat16(Float.NEGATIVE_INFINITY)).isEqualTo((short) 0xFF80);
    }

    @Test
    void weightsAreHalfAsLargeAndComputedWithAsFloats() {
        for (Network network : List.of(Networks.lenet300(), Networks.cnn(), BlockNetworks.mixed())) {
            for (ElementType type : List.of(ElementType.FLOAT16, ElementType.BFLOAT16)) {
                boolean half = type == ElementType.FLOAT16;
                Network stored = network.apply(half ? new Float16Quantization() : new Bfloat16Quantization());
                assertThat(stored.signature()).isEqualTo(network.signature());
                assertThat(stored.parameters()).isEqualTo(network.parameters());
                double error = Equality.relativeError(network, stored, BlockNetworks.feeds(network));
                assertThat(error).isBetween(1e-7, half ? 1e-3 : 8e-3);
            }
        }
        Network lenet = Networks.lenet300();
        assertThat(Onnx.size(lenet.apply(new Bfloat16Quantization())) / (double) Onnx.size(lenet))
                .isBetween(0.5, 0.51);
    }

    @Test
    void wholeNetworksOfFloat16TakeAndGiveFloats() {
        for (Network network : List.of(Networks.lenet300(), Networks.cnn(), BlockNetworks.mixed())) {
            for (List<String> keep :
                    List.of(Float16Quantization.SENSITIVE, List.of("Gemm", "Relu"), List.<String>of())) {
                Network half = network.apply(new Float16Quantization(true, keep, false));
                assertThat(half.signature()).isEqualTo(network.signature());
                // A network whose operators are all kept is as exact as the floats.
                boolean kept = network.nodes().stream().allMatch(node -> keep.contains(node.op()));
                assertThat(Equality.relativeError(network, half, BlockNetworks.feeds(network)))
                        .isBetween(kept ? 0 : 1e-7, 5e-3);
            }
        }
    }

    @Test
    void aSentenceEncoderStaysRight() {
        Network miniLm = RealModels.miniLm();
        Map<String, Tensor> feeds = RealModels.tokens(miniLm, 2, 12);
        Network half = miniLm.apply(new Float16Quantization(true, Float16Quantization.SENSITIVE, false));
        assertThat(Equality.relativeError(miniLm, half, feeds)).isLessThan(0.01);
        assertThat(Onnx.size(half)).isLessThan(Onnx.size(miniLm) * 51 / 100);
        assertThat(Equality.relativeError(miniLm, miniLm.apply(new Bfloat16Quantization()), feeds))
                .isLessThan(0.03);
    }

    @Test
    void theKeptOperatorsStayInFloats() {
        Network network = Network.builder("kept")
                .input("x", "batch", 64)
                .weight("w", Networks.random(1, 64, 64, 64))
                .node("MatMul", List.of("x", "w"), "h")
                .node("Softmax", List.of("h"), "s")
                .node("MatMul", List.of("s", "w"), "y")
                .output("y", "batch", 64)
                .build();
        Network half = network.apply(new Float16Quantization(true, List.of("Softmax"), false));
        assertThat(half.nodes().stream().map(Node::op))
                .containsExactly("Cast", "MatMul", "Cast", "Softmax", "Cast", "MatMul", "Cast");
        assertThat(half.weights().keySet()).containsExactly("w.float16");
    }

    /** Floats beside the halves would make the file larger. */
    @Test
    void aWeightThatIsWantedInBothTypesIsStoredOnce() {
        Network network = Network.builder("tied")
                .input(Value.of("ids", ElementType.INT64, "batch"))
                .weight("table", Networks.random(1, 32, 200, 32))
                .node("Gather", List.of("table", "ids"), "e")
                .node(Node.of("Gemm", "scores", List.of("e", "table"), "y").with("transB", Attribute.of(1)))
                .output("y", "batch", 200)
                .build();
        Network half = network.apply(new Float16Quantization(true, List.of("Gather"), false));
        assertThat(half.weights()).containsOnlyKeys("table.float16");
        assertThat(half.nodes()).extracting(Node::op).containsExactly("Cast", "Gather", "Cast", "Gemm", "Cast");
        assertThat(Onnx.size(half)).isLessThan(Onnx.size(network) * 55 / 100);
        Map<String, Tensor> feeds = Map.of("ids", Tensor.ofLongs(new long[] {3, 0, 199}, 3));
        assertThat(Equality.relativeError(network, half, feeds)).isBetween(1e-7, 2e-3);
    }

    @Test
    void whatFloat16CanNotHoldIsSaid() {
        Network mlp = Networks.mlp(10, 8);
        String name = mlp.weights().entrySet().stream()
                .filter(weight -> weight.getValue().rank() == 2)
                .findFirst()
                .orElseThrow()
                .getKey();
        float[] values = mlp.weight(name).toFloatArray();
        values[3] = 1e6f;
        values[9] = -7e4f;
        Network large = mlp.withWeights(
                Map.of(name, Tensor.ofFloats(values, mlp.weight(name).shape())));
        assertThatThrownBy(() -> large.apply(new Float16Quantization()))
                .hasMessage("Weight " + name
                        + " has 2 of 80 numbers beyond 65504, where float16 ends; option clamp makes" + " them 65504.");
        Network clamped = large.apply(new Float16Quantization(false, List.of(), true));
        assertThat(clamped.weight(name + ".float16").toFloatArray()[3]).isEqualTo(65504);
        assertThat(clamped.weight(name + ".float16").toFloatArray()[9]).isEqualTo(-65504);
        assertThatThrownBy(() -> new Float16Quantization(true, null, false))
                .hasMessage("Option keep was not given; it is a list of operators, or empty.");
        Network none = Network.builder("none")
                .input("x", 1)
                .node("Relu", List.of("x"), "y")
                .output("y", 1)
                .build();
        assertThatThrownBy(() -> none.apply(new Bfloat16Quantization()))
                .hasMessage("Network none has nothing to store in 16 bits; it would be 32-bit floating-point weights of"
                        + " 64 numbers or more.");
    }

    @Test
    void theOptionsAsTextAreTheSame() {
        assertThat(PassBinding.of("quantize").bind("float16", Map.of(), name -> null))
                .isEqualTo(new Float16Quantization());
        assertThat(PassBinding.of("quantize").bind("bfloat16", Map.of(), name -> null))
                .isEqualTo(new Bfloat16Quantization());
        assertThat(HalfTensors.of(Tensor.ofFloats(new float[] {1}, 1), ElementType.BFLOAT16, TensorStore.of(2))
                        .toFloatArray())
                .containsExactly(1);
    }

    @Test
    void numbersThatFloat16DoesNotReachAreTold() {
        Network network = Network.builder("large")
                .input("x", "batch", 8)
                .weight("factor", Tensor.scalar(1e5f))
                .weight("mask", Tensor.scalar(-3.4e38f))
                .weight("w", Networks.random(1, 8, 8, 8))
                .node(Node.of("Mul", "scaled", List.of("x", "factor"), "s"))
                .node(Node.of("Max", "masked", List.of("s", "mask"), "m"))
                .node("MatMul", List.of("m", "w"), "y")
                .output("y", "batch", 8)
                .build();
        Map<String, String> whole = network.apply(new Float16Quantization(true, Float16Quantization.SENSITIVE, false))
                .provenance()
                .get(0)
                .options();
        assertThat(whole)
                .containsEntry(
                        "caution",
                        "float16 ends at 65504, and so do now: 100000.0 of Mul scaled; option keep leaves operators in 32"
                                + " bits");
        Float16Quantization keeping = new Float16Quantization(true, List.of("Mul"), false);
        assertThat(network.apply(keeping).provenance().get(0).options()).doesNotContainKey("caution");
        assertThat(network.apply(new Float16Quantization()).provenance().get(0).options())
                .doesNotContainKey("caution");
    }
}
