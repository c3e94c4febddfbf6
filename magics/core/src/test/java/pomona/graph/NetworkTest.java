package pomona.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NetworkTest {

    private static NetworkBuilder tiny() {
        return Network.builder("tiny")
                .input("x", "batch", 2)
                .weight("w", Tensor.ofFloats(new float[] {1, 0, -0f, 4}, 2, 2))
                .weight("b", Tensor.ofFloats(new float[] {0, 5}, 2))
                .node("Add", List.of("h", "b"), "y")
                .node("MatMul", List.of("x", "w"), "h")
                .output("y", "batch", 2);
    }

    @Test
    void sortsItsNodes() {
        assertThat(tiny().build().nodes()).extracting(Node::op).containsExactly("MatMul", "Add");
    }

    @Test
    void countsParameters() {
        Network net =
                tiny().weight("shape", Tensor.ofLongs(new long[] {1, 2}, 2)).build();

        assertThat(net.parameters()).isEqualTo(6);
        assertThat(net.nonZeros()).isEqualTo(3);
        assertThat(net).hasToString("tiny (x float[batch,2]) -> (y float[batch,2]), 6 parameters, 2 operators");
    }

    @Test
    void saysWhatItTakesAndGives() {
        Network net = tiny().build();
        assertThat(net.inputs()).isEqualTo(net.signature().inputs()).isNotEmpty();
        assertThat(net.outputs()).isEqualTo(net.signature().outputs()).isNotEmpty();
        assertThat(net.toString())
                .contains(net.inputs().get(0).toString(), net.outputs().get(0).toString());
    }

    @Test
    void refusesAWeightOfAnotherShapeOrType() {
        Network net = tiny().build();
        assertThatThrownBy(() -> net.withWeights(Map.of("b", Tensor.ofFloats(new float[] {1, 2, 3}, 3))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Weight b of network " + net.name()
                        + " is float[2], but it was given float[3]; type and shape must be the same.");
        assertThatThrownBy(() -> net.withWeights(Map.of("b", Tensor.ofLongs(new long[] {1, 2}, 2))))
                .hasMessage("Weight b of network " + net.name()
                        + " is float[2], but it was given int64[2]; type and shape must be the same.");
    }

    @Test
    void staysAsItIsWhenChanged() {
        Network net = tiny().build();
        Network changed = net.withWeights(Map.of("b", Tensor.ofFloats(new float[] {7, 7}, 2)))
                .withStep(new Step("Something", Map.of("a", "1")));

        assertThat(net).isEqualTo(tiny().build());
        assertThat(changed.weight("b").toFloatArray()).containsExactly(7, 7);
        assertThat(changed.provenance()).hasToString("[Something(a=1)]");
    }

    @Test
    void refusesGraphsThatAreNone() {
        assertThatThrownBy(() -> tiny().node("Relu", List.of("nothing"), "z").build())
                .hasMessage("Network tiny: operator z takes the value nothing, which nothing makes.");
        assertThatThrownBy(() -> tiny().node("Relu", List.of("x"), "y").build())
                .hasMessage("Network tiny makes the value y twice, in y (Add) and in y (Relu); a value has one maker.");
        assertThatThrownBy(() -> Network.builder("tiny").input("x", "batch", 4.5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Value x can not have a dimension of size 4.5; sizes are whole numbers.");
        assertThat(Value.of("x", ElementType.FLOAT, "batch", 4.0))
                .isEqualTo(Value.of("x", ElementType.FLOAT, "batch", 4));
        assertThatThrownBy(() -> tiny().add(
                                Node.of("Relu", "p", List.of("q"), "r"), Node.of("Relu", "s", List.of("r"), "q"))
                        .build())
                .hasMessage("Network tiny: operator p depends on itself; a graph has no cycles.");
        assertThatThrownBy(() -> tiny().output("z", 1).build())
                .hasMessage("Network tiny has an output z that no operator makes.");
        assertThatThrownBy(() -> tiny().build().weight("v")).hasMessage("Network tiny has no weight v; it has w, b.");
    }

    @Test
    void tensorsCheckTheirSize() {
        assertThatThrownBy(() -> Tensor.ofFloats(new float[3], 2, 2))
                .hasMessage("A tensor float[2,2] takes 16 bytes, but there are 12.");
        assertThatThrownBy(() -> Tensor.ofFloats(new float[3], -3))
                .hasMessage("A tensor can not have the shape [-3]; sizes are 0 or more.");
    }

    @Test
    void tensorsReadEveryWidth() {
        assertThat(Tensor.ofBytes(ElementType.INT4, new byte[] {(byte) 0x8F, 0x07}, 3)
                        .toLongArray())
                .containsExactly(-1, -8, 7);
        assertThat(Tensor.ofBytes(ElementType.UINT4, new byte[] {(byte) 0x8F, 0x07}, 3)
                        .toLongArray())
                .containsExactly(15, 8, 7);
        assertThat(Tensor.ofBytes(ElementType.UINT8, new byte[] {-1}, 1).toFloatArray())
                .containsExactly(255f);
        assertThat(Tensor.ofBytes(ElementType.BFLOAT16, new byte[] {(byte) 0x80, 0x3F}, 1)
                        .toFloatArray())
                .containsExactly(1f);
    }
}
