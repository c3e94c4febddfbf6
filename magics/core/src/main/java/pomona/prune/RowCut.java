package pomona.prune;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import pomona.calibrate.MatrixLayout;
import pomona.graph.TensorStore;

/**
 * Cuts each row of a weight matrix by itself: an equal share of every output feature's weights, or all but some of every
 * few along the inputs. Of equal weights the first go.
 *
 * @param weight the weight
 * @param group how many weights of a row are compared with each other: all its columns, or M of N:M
 * @param cut how many of each group go
 */
record RowCut(PrunableWeight weight, int group, int cut) implements Cut {

    /** An equal share of each row. */
    static RowCut share(PrunableWeight weight, double share) {
        int columns = weight.layout().columns();
        return new RowCut(weight, columns, (int) Math.round(share * columns));
    }

    /**
     * All but N of every M along the inputs.
     *
     * @throws IllegalArgumentException if the number of inputs of some weights is no multiple of M; the message names them
     *     all
     */
    static List<Cut> someOf(List<PrunableWeight> weights, Granularity granularity) {
        List<PrunableWeight> odd = weights.stream()
                .filter(weight -> weight.layout().inputs() % granularity.second() != 0)
                .toList();
        if (!odd.isEmpty()) {
            throw new IllegalArgumentException("Granularity " + granularity + " needs a multiple of "
                    + granularity.second() + " inputs for each output; "
                    + odd.stream()
                            .map(weight -> "weight " + weight.name() + " has "
                                    + weight.layout().inputs())
                            .collect(Collectors.joining(", "))
                    + "; leave "
                    + (odd.size() == 1 ? "it" : "them") + " out with layers \"*"
                    + odd.stream().map(weight -> ", !" + weight.name()).collect(Collectors.joining()) + "\".");
        }
        return weights.stream()
                .<Cut>map(
                        weight -> new RowCut(weight, granularity.second(), granularity.second() - granularity.first()))
                .toList();
    }

    @Override
    public List<PrunableWeight> weights() {
        return List.of(weight);
    }

    @Override
    public void copy(List<TensorStore.Room> rooms) {
        weight.refuseInfinite();
        weight.copyAll(rooms.get(0));
        if (cut > 0) {
            ByteBuffer whole = weight.whole(rooms.get(0));
            int[] keys = weight.keys();
            IntStream.range(0, weight.layout().rows()).parallel().forEach(row -> clearRow(whole, keys, row));
        }
    }

    private void clearRow(ByteBuffer whole, int[] keys, int row) {
        MatrixLayout layout = weight.layout();
        long[] order = new long[group];
        for (int start = 0; start < layout.columns(); start += group) {
            for (int i = 0; i < group; i++) {
                order[i] = (long) keys[layout.element(row, start + i)] << 32 | i;
            }
            Arrays.sort(order);
            for (int i = 0; i < cut; i++) {
                weight.clear(whole, layout.element(row, start + (int) order[i]));
            }
        }
    }
}
