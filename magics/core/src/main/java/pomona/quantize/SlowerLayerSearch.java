package pomona.quantize;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
        if (candidates.isEmpty()) {
            return candidates;
        }
        List<Map<String, Tensor>> feeds = new ArrayList<>();
        FedBatch.forEach(network, data, 1, 1, batch -> feeds.add(batch.feeds()));
        boolean[] all = new boolean[candidates.size()];
        Arrays.fill(all, true);
        List<int[]> parts = new ArrayList<>();
        addParts(parts, 0, all.length);
        try (Race race = new Race(all, opened(candidates, all), feeds.get(0));
                Progress progress = Progress.start("time layers of " + network.name(), parts.size())) {
            for (int[] part : parts) {
                for (boolean kind : new boolean[] {false, true}) {
                    boolean[] changed = race.fastest.clone();
                    Arrays.fill(changed, part[0], part[1], kind);
                    if (race.isNew(changed)) {
                        race.run(changed, opened(candidates, changed));
                    }
                }
                progress.advance(1, candidates.get(part[0]).layer());
            }
            return chosen(candidates, race.fastest);
        }
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

    private RuntimeSession opened(List<LayerWeight> candidates, boolean[] integers) {
        if (Thread.interrupted()) {
            throw new CancellationException("The measurement of layers of network " + network.name()
                    + " was interrupted; the network is as it was.");
        }
        return RuntimeSession.open(quantize.apply(chosen(candidates, integers)), 1);
    }

    private static List<LayerWeight> chosen(List<LayerWeight> candidates, boolean[] integers) {
        return IntStream.range(0, integers.length)
                .filter(i -> integers[i])
                .mapToObj(candidates::get)
                .toList();
    }

    /** The fastest network so far, which stays loaded while others are tried beside it. */
    private static final class Race implements AutoCloseable {

        private final Map<String, Tensor> feeds;
        private final Set<String> tried = new HashSet<>();
        private boolean[] fastest;
        private RuntimeSession session;

        Race(boolean[] first, RuntimeSession session, Map<String, Tensor> feeds) {
            this.feeds = feeds;
            this.fastest = first;
            this.session = session;
            tried.add(Arrays.toString(first));
        }

        /** Whether a choice of layers was not tried yet. */
        boolean isNew(boolean[] integers) {
            return tried.add(Arrays.toString(integers));
        }

        /** Keeps the faster of two networks, and closes the other. */
        void run(boolean[] integers, RuntimeSession other) {
            RuntimeSession slower = other;
            try {
                if (isFaster(other)) {
                    slower = session;
                    session = other;
                    fastest = integers;
                }
            } finally {
                slower.close();
            }
        }

        /** Compares medians of runs that take turns, so that both meet the same machine. */
        private boolean isFaster(RuntimeSession other) {
            List<Long> otherTimes = new ArrayList<>();
            List<Long> times = new ArrayList<>();
            for (int warm = 0; warm < 3; warm++) {
                nanos(other);
                nanos(session);
            }
            long end = System.nanoTime() + NANOS;
            for (int run = 0; run < FEWEST_RUNS || run < MOST_RUNS && System.nanoTime() < end; run++) {
                otherTimes.add(nanos(other));
                times.add(nanos(session));
            }
            return median(otherTimes) < FASTER * median(times);
        }

        private long nanos(RuntimeSession timed) {
            long start = System.nanoTime();
            timed.run(feeds);
            return System.nanoTime() - start;
        }

        private static long median(List<Long> times) {
            return times.stream().sorted().skip(times.size() / 2).findFirst().orElseThrow();
        }

        @Override
        public void close() {
            session.close();
        }
    }
}
