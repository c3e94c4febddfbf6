package pomona.quantize;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.Function;
import java.util.stream.IntStream;
import pomona.djl.RuntimeSession;
import pomona.evaluate.FedBatch;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.pass.Progress;

/**
 * Finds the layers that are slower as integers than in float on this machine, by running whole networks on one record and
 * one thread.
 *
 * <p>A layer in float between integer ones costs two conversions, so runs of neighbouring layers are tried together: all of
 * them, then halves of halves, each in float and as integers, and whatever is faster by two parts of a hundred stays.
 *
 * @param network the network of floats
 * @param quantize makes the network in which exactly some layers are quantized
 * @param data records of which the first is run
 */
record SlowerLayerSearch(Network network, Function<List<LayerWeight>, Network> quantize, RandomAccessDataset data) {

    /** Runs of neighbours are halved until there are about so many, which bounds the networks to try. */
    private static final int MOST_PARTS = 16;

    /** A change must win that much, or it is taken for chance. */
    private static final double FASTER = 0.98;

    private static final int FEWEST_RUNS = 7;
    private static final int MOST_RUNS = 400;
    private static final long NANOS = 150_000_000;

    /** The layers to quantize: all but those that are faster in float. */
    List<LayerWeight> quantized(List<LayerWeight> candidates) {
        List<Map<String, Tensor>> feeds = new ArrayList<>();
        FedBatch.forEach(network, data, 1, 1, batch -> feeds.add(batch.feeds()));
        boolean[] integers = new boolean[candidates.size()];
        Arrays.fill(integers, true);
        List<int[]> parts = new ArrayList<>();
        addParts(parts, 0, integers.length);
        try (Progress progress = Progress.start("time layers of " + network.name(), parts.size())) {
            for (int[] part : parts) {
                for (boolean kind : new boolean[] {false, true}) {
                    boolean[] changed = integers.clone();
                    Arrays.fill(changed, part[0], part[1], kind);
                    if (!Arrays.equals(changed, integers)
                            && isFaster(made(candidates, changed), made(candidates, integers), feeds.get(0))) {
                        integers = changed;
                    }
                }
                progress.advance(1, candidates.get(part[0]).layer());
            }
        }
        return chosen(candidates, integers);
    }

    /** The whole, then its halves, and so on: longer runs come first. */
    private static void addParts(List<int[]> parts, int from, int to) {
        int shortest = Math.max(1, (to - from) / MOST_PARTS);
        List<int[]> level = List.of(new int[] {from, to});
        while (!level.isEmpty()) {
            parts.addAll(level);
            List<int[]> next = new ArrayList<>();
            for (int[] part : level) {
                int middle = (part[0] + part[1]) / 2;
                if (part[1] - part[0] > shortest) {
                    next.add(new int[] {part[0], middle});
                    next.add(new int[] {middle, part[1]});
                }
            }
            level = next;
        }
    }

    private Network made(List<LayerWeight> candidates, boolean[] integers) {
        return quantize.apply(chosen(candidates, integers));
    }

    private static List<LayerWeight> chosen(List<LayerWeight> candidates, boolean[] integers) {
        return IntStream.range(0, integers.length)
                .filter(i -> integers[i])
                .mapToObj(candidates::get)
                .toList();
    }

    /** Compares medians of runs that take turns, so that both meet the same machine. */
    private boolean isFaster(Network changed, Network now, Map<String, Tensor> feeds) {
        if (Thread.interrupted()) {
            throw new CancellationException("The measurement of layers of network " + network.name()
                    + " was interrupted; the network is as it was.");
        }
        List<Long> changedTimes = new ArrayList<>();
        List<Long> nowTimes = new ArrayList<>();
        try (RuntimeSession one = RuntimeSession.open(changed, 1);
                RuntimeSession other = RuntimeSession.open(now, 1)) {
            for (int warm = 0; warm < 3; warm++) {
                nanos(one, feeds);
                nanos(other, feeds);
            }
            long end = System.nanoTime() + NANOS;
            for (int run = 0; run < FEWEST_RUNS || run < MOST_RUNS && System.nanoTime() < end; run++) {
                changedTimes.add(nanos(one, feeds));
                nowTimes.add(nanos(other, feeds));
            }
        }
        return median(changedTimes) < FASTER * median(nowTimes);
    }

    private static long nanos(RuntimeSession session, Map<String, Tensor> feeds) {
        long start = System.nanoTime();
        session.run(feeds);
        return System.nanoTime() - start;
    }

    private static long median(List<Long> times) {
        return times.stream().sorted().skip(times.size() / 2).findFirst().orElseThrow();
    }
}
