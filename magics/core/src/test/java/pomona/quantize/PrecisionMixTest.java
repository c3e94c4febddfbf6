package pomona.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static pomona.Equality.relativeError;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pomona.Networks;
import pomona.evaluate.MeasuredRecords;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.onnx.Onnx;
import pomona.quantize.MixedPrecision.LayerCost;
import pomona.quantize.PrecisionMix.Move;

class PrecisionMixTest {

    private static final Network FLOATS = LeNets.trained();

    @Test
    void eachLayerIsStoredAsItsSchemeSays(@TempDir Path folder) throws Exception {
        Map<String, LayerScheme> schemes = new LinkedHashMap<>();
        schemes.put("f2.w", LayerScheme.INT4);
        schemes.put("c1.w", LayerScheme.STATIC);
        schemes.put("c2.w", LayerScheme.FLOAT16);
        schemes.put("f1.w", LayerScheme.DYNAMIC);
        Network mixed = new PrecisionMix(schemes).of(FLOATS, new MeasuredRecords(LeNets.TEST, 128));
        Map<String, Tensor> feeds = Map.of("x", Networks.uniform(1, 0, 1, 9, 1, 28, 28));
        assertThat(mixed.weights().get("c1.w")).isNull();
        assertThat(mixed.nodes())
                .extracting(node -> node.op())
                .contains("QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear", "MatMulNBits", "Cast");
        assertThat(mixed.weights().values().stream().filter(t -> t.type() == ElementType.FLOAT16))
                .hasSize(1)
                .allMatch(tensor -> tensor.size() == 16 * 6 * 25);
        assertThat(relativeError(FLOATS, mixed, feeds)).isLessThan(0.2);
        Onnx.write(mixed, folder.resolve("mixed.onnx"));
        assertThat(relativeError(mixed, Onnx.read(folder.resolve("mixed.onnx")), feeds))
                .isZero();
    }

    /** What a layer becomes does not depend on what others become: each alone is off by as much as it is in the mix. */
    @Test
    void weightsOfAMixAreThoseOfEachSchemeAlone() {
        Network both = new PrecisionMix(Map.of("f1.w", LayerScheme.WEIGHT_ONLY, "f2.w", LayerScheme.FLOAT16))
                .of(FLOATS, new MeasuredRecords(LeNets.TEST, 128));
        Network bytes = FLOATS.apply(new WeightOnlyQuantization(true, "f1.w"));
        Network halves = FLOATS.apply(new Float16Quantization());
        assertThat(both.weight("f1.w.int8")).isEqualTo(bytes.weight("f1.w.int8"));
        assertThat(both.weight("f2.w.float16")).isEqualTo(halves.weight("f2.w.float16"));
        assertThat(both.weight("c1.w")).isEqualTo(FLOATS.weight("c1.w"));
    }

    @Test
    void tablesOfEmbeddingsAreCandidatesOfSchemesThatStoreWeights() {
        Network words = Network.builder("words")
                .input(pomona.graph.Value.of("ids", ElementType.INT64, "batch", "length"))
                .weight("table", Networks.random(1, 64, 100, 64))
                .weight("w", Networks.random(2, 64, 64, 4))
                .node("Gather", List.of("table", "ids"), "rows")
                .node("MatMul", List.of("rows", "w"), "y")
                .output("y", "batch", "length", 4)
                .build();
        for (LayerScheme scheme : LayerScheme.values()) {
            boolean stores = List.of(LayerScheme.WEIGHT_ONLY, LayerScheme.INT4, LayerScheme.FLOAT16)
                    .contains(scheme);
            assertThat(LayerScheme.candidates(words).stream()
                            .filter(layer -> scheme.takes(layer, words))
                            .map(layer -> layer.name()))
                    .as("%s", scheme)
                    .containsExactlyInAnyOrderElementsOf(stores ? List.of("table", "w") : List.of("w"));
        }
        Network small = new PrecisionMix(Map.of("table", LayerScheme.INT4, "w", LayerScheme.FLOAT16)).of(words, null);
        Tensor ids = Tensor.ofLongs(new long[] {1, 50, 99, 3}, 1, 4);
        assertThat(relativeError(words, small, Map.of("ids", ids))).isLessThan(0.15);
        assertThat(Onnx.size(small)).isLessThan(Onnx.size(words) / 4);
    }

    private static LayerCost cost(String layer, LayerScheme scheme, double cost, long bytes) {
        return new LayerCost(layer, scheme, cost, 0, bytes);
    }

    @Test
    void theMovesWhoseBytesCostLeastComeFirst() {
        List<Move> moves = PrecisionMix.movesToFewerBytes(List.of(
                cost("a", LayerScheme.FLOAT16, 0, 500),
                cost("a", LayerScheme.WEIGHT_ONLY, 0.25, 750),
                cost("a", LayerScheme.INT4, 2, 850),
                cost("b", LayerScheme.FLOAT16, 0.5, 50),
                cost("b", LayerScheme.WEIGHT_ONLY, 0.3, 75),
                cost("c", LayerScheme.WEIGHT_ONLY, 0, -20)));
        // Bytes of b are both smaller and better than its 16 bits; c would get larger.
        assertThat(moves)
                .extracting(move -> move.layer() + " " + move.scheme())
                .containsExactly("a float16", "a weight-only", "b weight-only", "a int4");
        assertThat(moves).extracting(Move::price).containsExactly(0.0, 0.25 / 250, 0.3 / 75, 1.75 / 100);
        assertThat(PrecisionMix.FLOATS.after(moves.subList(0, 3)).schemes())
                .isEqualTo(Map.of("a", LayerScheme.WEIGHT_ONLY, "b", LayerScheme.WEIGHT_ONLY));
    }

    @Test
    void aSchemeBetweenTwoThatAMixtureBeatsIsLeftOut() {
        List<Move> moves = PrecisionMix.movesToFewerBytes(
                List.of(cost("a", LayerScheme.WEIGHT_ONLY, 1.5, 500), cost("a", LayerScheme.INT4, 1, 1000)));
        assertThat(moves).extracting(Move::scheme).containsExactly(LayerScheme.INT4);
    }
}
