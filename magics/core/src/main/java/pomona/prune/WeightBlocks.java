package pomona.prune;

import java.nio.ByteBuffer;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import pomona.calibrate.MatrixLayout;

/** A weight in blocks of its matrix, which are kept or go as one; a block matters as much as its elements on average. */
final class WeightBlocks extends KeyedWeight {

    private final MatrixLayout layout;
    private final int height;
    private final int width;
    private final int across;

    private WeightBlocks(PrunableWeight weight, Granularity granularity, int down, int across) {
        super(weight, Math.multiplyExact(down, across));
        this.layout = weight.layout();
        this.height = granularity.first();
        this.width = granularity.second();
        this.across = across;
        int[] keys = weight.keys();
        IntStream.range(0, down * across).parallel().forEach(block -> {
            double[] sum = new double[2];
            forEach(block, element -> {
                sum[0] += weight.score(keys[element]);
                sum[1]++;
            });
            set(block, ScoredWeight.keyOf((float) (sum[0] / sum[1])));
        });
    }

    static WeightBlocks of(PrunableWeight weight, Granularity granularity) {
        MatrixLayout layout = weight.layout();
        int down = (layout.rows() + granularity.first() - 1) / granularity.first();
        // Blocks do not reach from one place of a kernel into the next.
        int across = (layout.inputs() + granularity.second() - 1) / granularity.second() * layout.places();
        return new WeightBlocks(weight, granularity, down, across);
    }

    /** Visits the elements of a block. */
    private void forEach(int block, IntConsumer use) {
        int perPlace = across / layout.places();
        int top = block / across * height;
        int place = block % across / perPlace;
        int left = block % across % perPlace * width;
        for (int row = top; row < Math.min(layout.rows(), top + height); row++) {
            for (int input = left; input < Math.min(layout.inputs(), left + width); input++) {
                use.accept(layout.element(row, place * layout.inputs() + input));
            }
        }
    }

    @Override
    void clearPiece(ByteBuffer whole, int piece) {
        forEach(piece, element -> clear(whole, element));
    }
}
