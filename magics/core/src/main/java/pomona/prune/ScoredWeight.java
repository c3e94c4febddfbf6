package pomona.prune;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import pomona.graph.LayerWeight;

/** A weight whose elements are kept or go by a score of their own instead of their magnitude. */
final class ScoredWeight extends KeyedWeight {

    /**
     * @param scores how much each element matters, any finite number; elements that are zero already go first, whatever
     *     their score
     * @param method what the scores come from, for messages
     */
    ScoredWeight(LayerWeight weight, String method, IntToDoubleFunction scores) {
        super(new PrunableWeight(weight), Math.toIntExact(weight.tensor().size()));
        int[] magnitudes = new PrunableWeight(weight).keys();
        AtomicBoolean finite = new AtomicBoolean(true);
        IntStream.range(0, magnitudes.length).parallel().forEach(i -> {
            float score = (float) scores.applyAsDouble(i);
            if (!Float.isFinite(score)) {
                finite.set(false);
            }
            set(i, magnitudes[i] == 0 ? 0 : keyOf(score));
        });
        if (!finite.get()) {
            throw new IllegalArgumentException("The " + method + " scores of weight " + name()
                    + " are not all finite numbers; on this data the network's values or gradients are not.");
        }
    }

    /** A number from 1 to 2^31 - 1 in the order of the scores; the least significant bit is lost. */
    static int keyOf(float score) {
        int bits = Float.floatToIntBits(score);
        int ordered = bits < 0 ? ~bits : bits | Integer.MIN_VALUE;
        return Math.max(1, ordered >>> 1);
    }

    @Override
    float score(int key) {
        // Blocks add scores up, which needs numbers again and not only their order.
        int ordered = key << 1;
        return key == 0 ? 0 : Float.intBitsToFloat(ordered < 0 ? ordered & Integer.MAX_VALUE : ~ordered);
    }

    @Override
    void clearPiece(ByteBuffer whole, int piece) {
        clear(whole, piece);
    }
}
