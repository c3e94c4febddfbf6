package pomona.evaluate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import pomona.djl.RuntimeSession;
import pomona.graph.Network;
import pomona.graph.Tensor;

/** Times single runs. */
final class LatencyProbe {

    /** Slow networks are timed for this long, and at least {@link #FEWEST} times. */
    private static final long LONGEST_NANOS = 3_000_000_000L;

    private static final int FEWEST = 10;

    private LatencyProbe() {}

    static Latency measure(Network network, Map<String, Tensor> feeds, EvaluationOptions options) {
        try (RuntimeSession session = RuntimeSession.open(network, options.threads())) {
            long end = System.nanoTime() + LONGEST_NANOS / 4;
            for (int i = 0; i < options.warmUp() && System.nanoTime() < end; i++) {
                run(session, network, feeds);
            }
            long[] nanos = new long[options.runs()];
            int runs = 0;
            end = System.nanoTime() + LONGEST_NANOS;
            while (runs < nanos.length && (runs < FEWEST || System.nanoTime() < end)) {
                long start = System.nanoTime();
                run(session, network, feeds);
                nanos[runs++] = System.nanoTime() - start;
            }
            return of(Arrays.copyOf(nanos, runs));
        }
    }

    /** Times networks in turns, so that whatever else the machine does slows both. */
    static List<Latency> measureInTurns(List<Network> networks, Map<String, Tensor> feeds, EvaluationOptions options) {
        List<RuntimeSession> sessions = new ArrayList<>();
        try {
            networks.forEach(network -> sessions.add(RuntimeSession.open(network, options.threads())));
            long end = System.nanoTime() + LONGEST_NANOS / 4;
            for (int i = 0; i < options.warmUp() && System.nanoTime() < end; i++) {
                for (int s = 0; s < sessions.size(); s++) {
                    run(sessions.get(s), networks.get(s), feeds);
                }
            }
            long[][] nanos = new long[sessions.size()][options.runs()];
            int runs = 0;
            end = System.nanoTime() + LONGEST_NANOS;
            while (runs < options.runs() && (runs < FEWEST || System.nanoTime() < end)) {
                for (int s = 0; s < nanos.length; s++) {
                    long start = System.nanoTime();
                    run(sessions.get(s), networks.get(s), feeds);
                    nanos[s][runs] = System.nanoTime() - start;
                }
                runs++;
            }
            int timed = runs;
            return Arrays.stream(nanos)
                    .map(all -> of(Arrays.copyOf(all, timed)))
                    .toList();
        } finally {
            sessions.forEach(RuntimeSession::close);
        }
    }

    private static void run(RuntimeSession session, Network network, Map<String, Tensor> feeds) {
        FedBatch.stopIfInterrupted("Timing network " + network.name());
        session.run(feeds);
    }

    static Latency of(long[] nanos) {
        Arrays.sort(nanos);
        return new Latency(quantile(nanos, 0.5) / 1000, quantile(nanos, 0.9) / 1000, nanos.length);
    }

    /** A quantile of sorted values, between neighbours in proportion. */
    private static double quantile(long[] sorted, double share) {
        double place = share * (sorted.length - 1);
        int below = (int) place;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }
}
