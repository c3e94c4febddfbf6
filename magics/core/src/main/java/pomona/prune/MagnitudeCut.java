package pomona.prune;

import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.LongStream;
import pomona.graph.TensorStore;

/**
 * The border between weights that go and weights that stay: every magnitude below {@code key} goes, and of those equal
 * to it the first {@code ties} in the order of the weights.
 *
 * @param weights the tensors that share the border
 * @param key the bits of the border's magnitude
 * @param ties how many of the magnitudes equal to the border go
 */
record MagnitudeCut(List<PrunableWeight> weights, int key, long ties) implements Cut {

    /** Cuts the smallest magnitudes, so that a share of all is zero. */
    static MagnitudeCut smallest(List<PrunableWeight> weights, double share) {
        long total = weights.stream().mapToLong(PrunableWeight::size).sum();
        return smallestOf(weights, Math.round(share * total));
    }

    /** Cuts so many of the smallest magnitudes, at most all. */
    static MagnitudeCut smallestOf(List<PrunableWeight> weights, long wanted) {
        List<PrunableWeight.Part> parts =
                weights.stream().flatMap(weight -> weight.parts().stream()).toList();
        MagnitudeSelection selection = MagnitudeSelection.of(parts);
        if (selection.hasInfinite()) {
            weights.forEach(PrunableWeight::refuseInfinite);
        }
        if (wanted == 0) {
            return new MagnitudeCut(weights, 0, 0);
        }
        MagnitudeSelection.Border border = selection.border(wanted);
        // When all that equal the border go, none of them has to be counted.
        return border.place() == border.equal()
                ? new MagnitudeCut(weights, border.key() + 1, 0)
                : new MagnitudeCut(weights, border.key(), border.place());
    }

    /** Cuts every magnitude below a threshold. */
    static MagnitudeCut below(PrunableWeight weight, double threshold) {
        weight.refuseInfinite();
        // The smallest float that is not below the threshold: magnitudes under it are exactly those to go.
        float border = (float) threshold;
        if (border < threshold) {
            border = Math.nextUp(border);
        }
        return new MagnitudeCut(List.of(weight), Float.floatToIntBits(border), 0);
    }

    @Override
    public void copy(List<TensorStore.Room> rooms) {
        long left = ties;
        for (int w = 0; w < weights.size(); w++) {
            PrunableWeight weight = weights.get(w);
            long[] allowed = new long[weight.parts().size()];
            if (left > 0) {
                long[] equal = count(weight, key);
                for (int p = 0; p < equal.length; p++) {
                    allowed[p] = Math.min(left, equal[p]);
                    left -= allowed[p];
                }
            }
            weight.copy(rooms.get(w), key, allowed);
        }
    }

    /** How many elements of each weight go. */
    long[] counts() {
        long left = ties;
        long[] counts = new long[weights.size()];
        for (int w = 0; w < counts.length; w++) {
            long equal =
                    left == 0 ? 0 : LongStream.of(count(weights.get(w), key)).sum();
            long below = weights.get(w).parts().parallelStream()
                    .mapToLong(part -> count(part, k -> k < key))
                    .sum();
            counts[w] = below + Math.min(left, equal);
            left -= Math.min(left, equal);
        }
        return counts;
    }

    /** How many elements of each part of a weight have a key. */
    private static long[] count(PrunableWeight weight, int key) {
        return weight.parts().parallelStream()
                .mapToLong(part -> count(part, k -> k == key))
                .toArray();
    }

    private static long count(PrunableWeight.Part part, IntPredicate wanted) {
        long[] found = new long[1];
        part.keys((keys, start, count) -> {
            int inBlock = 0;
            for (int i = 0; i < count; i++) {
                inBlock += wanted.test(keys[i]) ? 1 : 0;
            }
            found[0] += inBlock;
        });
        return found[0];
    }
}
