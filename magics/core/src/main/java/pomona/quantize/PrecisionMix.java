package pomona.quantize;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import pomona.evaluate.MeasuredRecords;
import pomona.graph.Network;
import pomona.quantize.MixedPrecision.LayerCost;
import pomona.simplify.OpsetUpgrade;

/**
 * Which layers of a network are quantized, and how.
 *
 * @param schemes the schemes by the layers' weights
 */
record PrecisionMix(Map<String, LayerScheme> schemes) {

    /** Each leaves what is quantized already as it is, but for the first, which comes first. */
    private static final List<LayerScheme> ORDER = List.of(
            LayerScheme.STATIC, LayerScheme.DYNAMIC, LayerScheme.WEIGHT_ONLY, LayerScheme.INT4, LayerScheme.FLOAT16);

    static final PrecisionMix FLOATS = new PrecisionMix(Map.of());

    PrecisionMix {
        schemes = Collections.unmodifiableMap(new LinkedHashMap<>(schemes));
    }

    /**
     * A step of one layer to another scheme.
     *
     * @param price what it costs, or what each byte costs that it saves
     */
    record Move(String layer, LayerScheme scheme, double price) {}

    /** The moves of layers to one scheme, those that cost least first. */
    static List<Move> moves(List<LayerCost> costs) {
        return costs.stream()
                .map(cost -> new Move(cost.layer(), cost.scheme(), cost.price()))
                .sorted(Comparator.comparingDouble(Move::price))
                .toList();
    }

    /**
     * The moves of layers to ever fewer bytes, those first whose bytes cost least. Of one layer's schemes those are taken
     * that no mixture of others beats, the lower convex hull of cost over bytes. Source: Shoham and Gersho, Efficient Bit
     * Allocation for an Arbitrary Set of Quantizers, 1988 (IEEE Transactions on Acoustics, Speech and Signal Processing
     * 36(9)), section III.
     */
    static List<Move> movesToFewerBytes(List<LayerCost> costs) {
        Map<String, List<LayerCost>> layers = new LinkedHashMap<>();
        costs.forEach(cost ->
                layers.computeIfAbsent(cost.layer(), layer -> new ArrayList<>()).add(cost));
        List<Move> moves = new ArrayList<>();
        layers.values().forEach(schemes -> addHull(schemes, moves));
        moves.sort(Comparator.comparingDouble(Move::price));
        return moves;
    }

    private static void addHull(List<LayerCost> schemes, List<Move> moves) {
        double spent = 0;
        long saved = 0;
        while (true) {
            LayerCost next = null;
            double least = Double.POSITIVE_INFINITY;
            for (LayerCost scheme : schemes) {
                double price = (scheme.price() - spent) / (scheme.bytes() - saved);
                if (scheme.bytes() > saved && price < least) {
                    least = price;
                    next = scheme;
                }
            }
            if (next == null) {
                return;
            }
            moves.add(new Move(next.layer(), next.scheme(), least));
            spent = next.price();
            saved = next.bytes();
        }
    }

    /** This mix after some moves. */
    PrecisionMix after(List<Move> moves) {
        Map<String, LayerScheme> moved = new LinkedHashMap<>(schemes);
        moves.forEach(move -> moved.put(move.layer(), move.scheme()));
        return new PrecisionMix(moved);
    }

    /**
     * The network with this mix.
     *
     * @param records what ranges are measured on
     */
    Network of(Network floats, MeasuredRecords records) {
        boolean old = schemes.containsValue(LayerScheme.INT4) && floats.opset() < BlockQuantizer.OPSET;
        Network mixed = old ? new OpsetUpgrade(BlockQuantizer.OPSET).transform(floats) : floats;
        for (LayerScheme scheme : ORDER) {
            List<String> names = layers(scheme);
            if (!names.isEmpty()) {
                mixed = scheme.quantize(mixed, names, scheme.bits(), records);
            }
        }
        return mixed;
    }

    /** The weights of the layers of a scheme. */
    List<String> layers(LayerScheme scheme) {
        return schemes.entrySet().stream()
                .filter(entry -> entry.getValue() == scheme)
                .map(Map.Entry::getKey)
                .toList();
    }

    /** The weights of all layers that are quantized. */
    Set<String> layers() {
        return schemes.keySet();
    }
}
