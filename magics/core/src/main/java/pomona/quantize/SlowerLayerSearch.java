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
 * @param open loads a network to be run
 */
record SlowerLayerSearch(
        Network network, Function<List<LayerWeight>, Network> quantize, Function<Network, Runner> open) {

    /** A network that is loaded. */
    interface Runner extends AutoCloseable {

        /** Runs it once, and gives the time in nanoseconds. */
        long nanos();

        @Override
        void close();
    }

    /** Runs of neighbours are halved until there are about so many, which bounds the networks to try. */
    private static final int MOST_PARTS = 16;

    /** A change must win that much, or it is taken for chance. */
    private static final double FASTER = 0.98;

    private static final int FEWEST_RUNS = 7;
    private static final int MOST_RUNS = 400;
    private static final long NANOS = 150_000_000;

    /** Loads networks on ONNX Runtime to run the first record of a data set on one thread. */
    static Function<Network, Runner> opener(Network network, RandomAccessDataset data) {
        List<Map<String, Tensor>> feeds = new ArrayList<>();
        FedBatch.forEach(network, data, 1, 1, batch -> feeds.add(batch.feeds()));
        return opened -> {
            RuntimeSession session = RuntimeSession.open(opened, 1);
            return new Runner() {
                @Override
                public long nanos() {
                    long start = System.nanoTime();
                    session.run(feeds.get(0));
                    return System.nanoTime() - start;
                }

                @Override
                public void close() {
                    session.close();
                }
            };
        };
    }

    /** The layers to quantize: all but those that are faster in float; and the races that decided. */
    FloatLayerSearch.Found quantized(List<LayerWeight> candidates) {
        if (candidates.isEmpty()) {
            return new FloatLayerSearch.Found(candidates, LayerSearch.NONE);
        }
        boolean[] all = new boolean[candidates.size()];
        Arrays.fill(all, true);
        List<int[]> parts = new ArrayList<>();
        addParts(parts, 0, all.length);
        List<LayerRace> races = new ArrayList<>();
        try (Race race = new Race(all, opened(candidates, all));
                Progress progress = Progress.start("time layers of " + network.name(), parts.size())) {
            for (int[] part : parts) {
                for (boolean kind : new boolean[] {false, true}) {
                    boolean[] changed = race.fastest.clone();
                    Arrays.fill(changed, part[0], part[1], kind);
                    if (race.isNew(changed)) {
                        double[] micros = race.run(changed, opened(candidates, changed));
                        races.add(new LayerRace(
                                candidates.get(part[0]).layer(),
                                candidates.get(part[1] - 1).layer(),
                                !kind,
                                micros[0],
                                micros[1],
                                race.fastest == changed));
                    }
                }
                progress.advance(1, candidates.get(part[0]).layer());
            }
            List<LayerWeight> quantized = chosen(candidates, race.fastest);
            return new FloatLayerSearch.Found(
                    quantized, new LayerSearch(verdict(candidates.size(), quantized.size(), races), Map.of(), races));
        }
    }

    private static String verdict(int candidates, int quantized, List<LayerRace> races) {
        int left = candidates - quantized;
        String found = left == 0
                ? "No layer is faster in float than as integers"
                : left + " of " + candidates
                        + (left == 1
                                ? " layers is left in float since it is"
                                : " layers are left in float since they are")
                        + " slower as integers";
        return found + " on this machine: " + races.size()
                + (races.size() == 1 ? " network was timed" : " networks were timed") + " in turns with the fastest.";
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

    private Runner opened(List<LayerWeight> candidates, boolean[] integers) {
        if (Thread.interrupted()) {
            throw new CancellationException("The measurement of layers of network " + network.name()
                    + " was interrupted; the network is as it was.");
        }
        return open.apply(quantize.apply(chosen(candidates, integers)));
    }

    private static List<LayerWeight> chosen(List<LayerWeight> candidates, boolean[] integers) {
        return IntStream.range(0, integers.length)
                .filter(i -> integers[i])
                .mapToObj(candidates::get)
                .toList();
    }

    /** The fastest network so far, which stays loaded while others are tried beside it. */
    private static final class Race implements AutoCloseable {

        private final Set<String> tried = new HashSet<>();
        private boolean[] fastest;
        private Runner session;

        Race(boolean[] first, Runner session) {
            this.fastest = first;
            this.session = session;
            tried.add(Arrays.toString(first));
        }

        /** Whether a choice of layers was not tried yet. */
        boolean isNew(boolean[] integers) {
            return tried.add(Arrays.toString(integers));
        }

        /**
         * Keeps the faster of two networks, and closes the other.
         *
         * @return the median times of the other and of the fastest until then, in microseconds
         */
        double[] run(boolean[] integers, Runner other) {
            Runner slower = other;
            try {
                double[] micros = medians(other);
                if (micros[0] < FASTER * micros[1]) {
                    slower = session;
                    session = other;
                    fastest = integers;
                }
                return micros;
            } finally {
                slower.close();
            }
        }

        /** Medians of runs that take turns, so that both meet the same machine. */
        private double[] medians(Runner other) {
            List<Long> otherTimes = new ArrayList<>();
            List<Long> times = new ArrayList<>();
            for (int warm = 0; warm < 3; warm++) {
                other.nanos();
                session.nanos();
            }
            long end = System.nanoTime() + NANOS;
            for (int run = 0; run < FEWEST_RUNS || run < MOST_RUNS && System.nanoTime() < end; run++) {
                otherTimes.add(other.nanos());
                times.add(session.nanos());
            }
            return new double[] {median(otherTimes), median(times)};
        }

        /** In microseconds. */
        private static double median(List<Long> times) {
            return times.stream().sorted().skip(times.size() / 2).findFirst().orElseThrow() / 1000.0;
        }

        @Override
        public void close() {
            session.close();
        }
    }
}
