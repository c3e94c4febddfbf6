package pomona.quantize;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import pomona.graph.Constants;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Step;
import pomona.graph.TensorStore;
import pomona.pass.LayerPattern;
import pomona.simplify.OpsetUpgrade;

/**
 * What all techniques that quantize weights in blocks have in common: the choice of weights, their storage and the
 * operators that compute with them.
 */
final class BlockQuantizer {

    /** The first operator set with 4-bit integers and blocks. */
    static final long OPSET = 21;

    private final Network plain;
    private final BlockTargets targets;
    private final List<LayerWeight> chosen;
    private final Map<String, BlockStore> stores;
    private final int block;

    /**
     * Chooses weights of a network of floats.
     *
     * @param what what is done, for messages
     */
    BlockQuantizer(Network network, String what, BlockFormat format, String layers) {
        this(checked(network, what), format, layers, "");
    }

    /**
     * Chooses weights of a network that may have quantized layers too.
     *
     * @param int8Layers those of them that have 8 bits, by pattern; empty is none
     */
    BlockQuantizer(Network network, BlockFormat format, String layers, String int8Layers) {
        this.plain = Constants.lift(network.opset() < OPSET ? new OpsetUpgrade(OPSET).transform(network) : network);
        this.targets = new BlockTargets(plain);
        this.block = format.block();
        this.chosen = targets.choose(layers, format.embeddings());
        List<LayerWeight> wide =
                int8Layers.isEmpty() ? List.of() : new LayerPattern(int8Layers).select(plain.name(), chosen);
        Map<String, BlockFormat> formats = chosen.stream()
                .collect(Collectors.toMap(
                        LayerWeight::name, weight -> wide.contains(weight) ? format.withBits(8) : format));
        long bytes = 0;
        for (LayerWeight weight : chosen) {
            bytes += weight.tensor().size() * formats.get(weight.name()).bits() / Byte.SIZE;
        }
        TensorStore store = TensorStore.of(bytes);
        this.stores = chosen.stream()
                .collect(Collectors.toMap(
                        LayerWeight::name, weight -> store(weight, formats.get(weight.name()), store)));
    }

    private static Network checked(Network network, String what) {
        Quantizable.check(network, what);
        return network;
    }

    private BlockStore store(LayerWeight weight, BlockFormat format, TensorStore store) {
        boolean packed = format.form() == WeightForm.KERNEL && targets.isFactor(weight);
        return new BlockStore(WeightMatrix.of(weight), format, packed, store);
    }

    /** The network that layers are looked for in: constants are weights, and the operator set is new enough. */
    Network network() {
        return plain;
    }

    /** The chosen weights in the order of the network. */
    List<LayerWeight> chosen() {
        return chosen;
    }

    /** Where a chosen weight's integers go. */
    BlockStore store(LayerWeight weight) {
        return stores.get(weight.name());
    }

    /** Rounds some weights to the nearest integers on grids that are chosen block by block. */
    void round(List<LayerWeight> weights, BlockGrid.Choice choice) {
        weights.forEach(weight -> store(weight).fill(nearest(choice)));
    }

    static BlockStore.Rounding nearest(BlockGrid.Choice choice) {
        return (values, codes) -> {
            for (int r = 0; r < codes.rows; r++) {
                for (int b = 0; b < codes.blocks; b++) {
                    int row = r * codes.columns;
                    codes.set(r, b, choice.of(values, row + codes.start(b), row + codes.end(b)));
                }
            }
            codes.roundAll(values);
        };
    }

    /** The quantized network with its step of provenance, which also tells where blocks make it larger, and what is left. */
    Network rewrite(Step step, UntouchedLayers left) {
        Map<String, String> options = new LinkedHashMap<>(step.options());
        List<BlockStore> all = chosen.stream().map(this::store).toList();
        new RowPadding(all, block).remark().ifPresent(remark -> options.put("caution", remark));
        return left.withBlockStep(rewrite(), new Step(step.name(), options));
    }

    /** The quantized network, once every store is filled. */
    Network rewrite() {
        return new BlockRewriter(plain, targets)
                .rewrite(chosen.stream().map(this::store).toList());
    }
}
