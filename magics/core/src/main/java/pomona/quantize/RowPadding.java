package pomona.quantize;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What it costs that kernels take rows of whole blocks: a row of 384 weights in blocks of 256 is stored as one of 512.
 *
 * @param stores the weights that are stored in blocks
 * @param block the block of all of them
 */
record RowPadding(List<BlockStore> stores, int block) {

    /** Padding that makes weights larger than by this share is told. */
    private static final double MOST = 0.1;

    /** What to say when padding makes the weights of kernels more than 10 % larger and a smaller block would be smaller. */
    Optional<String> remark() {
        List<BlockStore> packed = stores.stream().filter(BlockStore::packed).toList();
        double growth = (double) bytes(packed, block, true) / Math.max(1, bytes(packed, block, false)) - 1;
        int best = BlockFormat.BLOCKS.stream()
                .min(Comparator.comparingLong(other -> bytes(stores, other, true)))
                .orElseThrow();
        long now = bytes(stores, block, true);
        long then = bytes(stores, best, true);
        if (!(growth > MOST) || then >= now) {
            return Optional.empty();
        }
        return Optional.of(String.format(
                Locale.ROOT,
                "rows are filled up to whole blocks of %d, which makes the weights of products %.0f %% larger; all"
                        + " weights in blocks take %d bytes, and would take %d with --block %d",
                block,
                100 * growth,
                now,
                then,
                best));
    }

    private static long bytes(Collection<BlockStore> some, int block, boolean filled) {
        return some.stream().mapToLong(store -> store.bytes(block, filled)).sum();
    }
}
