package pomona.quantize;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
import pomona.evaluate.Evaluation;
import pomona.evaluate.Latency;
import pomona.evaluate.MeasuredRecords;
import pomona.evaluate.PaddingMask;
import pomona.graph.ElementType;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.onnx.Onnx;
import pomona.pass.LayerPattern;
import pomona.pass.Progress;
import pomona.quantize.MixedPrecision.LayerCost;
import pomona.quantize.MixedPrecision.Trial;
import pomona.quantize.MixedPrecisionQuantization.Goal;
import pomona.quantize.PrecisionMix.Move;
import pomona.simplify.BatchNormFolding;
import pomona.simplify.ConstantFolding;
import pomona.simplify.IdentityFolding;

/** Searches for the mix of precisions within a budget; one search, one use. */
final class PrecisionSearch {

    private final Network network;
    private final Network plain;
    private final MixedPrecisionQuantization pass;
    private final RandomAccessDataset data;
    private final MeasuredRecords records;
    private final Supplier<Stopwatch> watch;
    private final Map<LayerScheme, List<String>> candidates;
    private final List<Trial> trials = new ArrayList<>();
    private final Map<PrecisionMix, Boolean> tried = new HashMap<>();
    private Progress progress;
    private Stopwatch stopwatch;
    private LayerCosts costs;
    private double allowed;
    private Trial best;
    private PrecisionMix bestMix = PrecisionMix.FLOATS;
    private Network bestNetwork;

    /**
     * Looks at the network, and at no record.
     *
     * @param watch gives what times networks, once the data is known to fit
     * @throws IllegalArgumentException if the network is quantized already, has nothing to quantize, can not be written in
     *     the operator set that a scheme needs, or does not take the mask
     */
    PrecisionSearch(Network network, MixedPrecisionQuantization pass, Supplier<Stopwatch> watch) {
        Quantizable.check(network, "quantization");
        PaddingMask.check(pass.mask(), network);
        this.network = network;
        this.plain = new BatchNormFolding()
                .transform(new IdentityFolding().transform(new ConstantFolding().transform(network)));
        this.pass = pass;
        this.data = pass.data();
        this.records = FiniteRecords.all(data, pass.mask());
        this.watch = watch;
        this.candidates = candidates(plain, pass);
        candidates.forEach((scheme, layers) -> scheme.checkOpset(plain, layers));
        this.bestNetwork = network;
    }

    /** The weights of the layers that each scheme takes, in the order of the network. */
    private static Map<LayerScheme, List<String>> candidates(Network plain, MixedPrecisionQuantization pass) {
        List<LayerWeight> all = LayerScheme.candidates(plain).stream()
                .filter(layer -> layer.tensor().type() == ElementType.FLOAT)
                .filter(layer -> pass.schemes().stream().anyMatch(scheme -> scheme.takes(layer, plain)))
                .toList();
        if (all.isEmpty()) {
            throw Quantizable.nothing(
                    plain,
                    "Network " + plain.name() + " has nothing to quantize; it would be the constant 32-bit"
                            + " floating-point weights of Gemm, MatMul or Conv operators.");
        }
        List<LayerWeight> chosen = new LayerPattern(pass.layers()).select(plain.name(), all);
        chosen.forEach(Quantizable::refuseInfinite);
        Map<LayerScheme, List<String>> candidates = new EnumMap<>(LayerScheme.class);
        for (LayerScheme scheme : pass.schemes()) {
            // Weights of 16 bits are made floats when the network is loaded, so that they take the time of floats.
            if (scheme != LayerScheme.FLOAT16 || pass.goal() == Goal.SMALLEST) {
                candidates.put(
                        scheme,
                        chosen.stream()
                                .filter(layer -> scheme.takes(layer, plain))
                                .map(LayerWeight::name)
                                .toList());
            }
        }
        return candidates;
    }

    MixedPrecision search() {
        boolean fastest = pass.goal() == Goal.FASTEST;
        try (Progress whole = Progress.startWhole("search precisions of " + network.name(), work(fastest))) {
            progress = whole;
            double testErrorOfFloats = checkedTestError();
            Trial floats = measureFloats();
            if (fastest) {
                findFastest();
            } else {
                List<LayerCost> all = new ArrayList<>();
                candidates.keySet().forEach(scheme -> all.addAll(costs(scheme, List.of())));
                bisect(PrecisionMix.FLOATS, PrecisionMix.movesToFewerBytes(all));
            }
            confirm(floats, fastest);
            whole.advance(whole.total() - whole.done(), best.mix());
            double testError = pass.test() == null ? Double.NaN : Evaluation.errorPercent(bestNetwork, pass.test());
            return new MixedPrecision(
                    bestNetwork,
                    floats,
                    best,
                    trials,
                    costs.all(),
                    pass.order(),
                    inFloat(),
                    testErrorOfFloats,
                    testError);
        }
    }

    /** Measures the network as it is, which is the first trial, and what the budget is from there. */
    private Trial measureFloats() {
        double error = Evaluation.errorPercent(network, data);
        FiniteRecords.check(plain, "validation data", records);
        stopwatch = watch.get();
        // Sums of floating-point numbers that are equal on paper are to be equal here.
        allowed = error + 100 * pass.maxDrop() + 1e-9;
        best = new Trial(Map.of(), error, Onnx.size(network), Double.NaN, Double.NaN, true);
        trials.add(best);
        costs = new LayerCosts(plain, records, pass.order(), error);
        return best;
    }

    /**
     * The error of the network as it is on the test data, NaN without it. Data that does not fit is refused here, before the
     * search, whose result it would cost.
     */
    private double checkedTestError() {
        if (pass.test() == null) {
            return Double.NaN;
        }
        Evaluation.checkCountable(network, pass.test());
        Evaluation.checkCountable(network, data);
        FiniteRecords.check(plain, "test data", FiniteRecords.all(pass.test(), pass.mask()));
        return Evaluation.errorPercent(network, pass.test());
    }

    /** Each scheme alone; then the best, with what it left in float in other schemes. */
    private void findFastest() {
        for (LayerScheme scheme : candidates.keySet()) {
            bisect(PrecisionMix.FLOATS, PrecisionMix.moves(costs(scheme, List.of())));
        }
        for (LayerScheme scheme : candidates.keySet()) {
            if (!bestMix.equals(PrecisionMix.FLOATS)) {
                bisect(bestMix, PrecisionMix.moves(costs(scheme, bestMix.layers())));
            }
        }
    }

    private List<LayerCost> costs(LayerScheme scheme, Collection<String> but) {
        List<LayerCost> found = new ArrayList<>();
        for (String layer : candidates.get(scheme)) {
            if (!but.contains(layer)) {
                stopIfInterrupted();
                found.add(costs.of(layer, scheme));
                progress.advance(but.isEmpty() ? 1 : 0, layer + " alone, " + scheme);
            }
        }
        return found;
    }

    /** Halves the interval between what the budget bears and what it does not, running every network on the way. */
    private void bisect(PrecisionMix from, List<Move> moves) {
        int low = 0;
        int high = moves.size() + 1;
        int count = moves.size();
        while (high - low > 1) {
            stopIfInterrupted();
            PrecisionMix mix = from.after(moves.subList(0, count));
            if (isWithinBudget(mix)) {
                low = count;
            } else {
                high = count;
            }
            count = (low + high) / 2;
        }
    }

    /** Runs a mix, once. */
    private boolean isWithinBudget(PrecisionMix mix) {
        Boolean known = tried.get(mix);
        if (known == null) {
            known = tryOut(mix);
            tried.put(mix, known);
        }
        return known;
    }

    private boolean tryOut(PrecisionMix mix) {
        Network mixed = mix.of(plain, records);
        double error = Evaluation.errorPercent(mixed, data);
        boolean within = error <= allowed;
        Trial trial = new Trial(mix.schemes(), error, Onnx.size(mixed), Double.NaN, Double.NaN, within);
        if (within && pass.goal() == Goal.FASTEST) {
            trial = trial.timed(stopwatch.micros(List.of(network, mixed)));
        }
        trials.add(trial);
        if (within && isBetter(trial)) {
            best = trial;
            bestMix = mix;
            bestNetwork = mixed;
        }
        progress.advance(1, String.format(Locale.ROOT, "%s: error %.2f %%", trial.mix(), error));
        return within;
    }

    private boolean isBetter(Trial trial) {
        if (pass.goal() == Goal.SMALLEST) {
            return trial.bytes() < best.bytes();
        }
        boolean first = best.schemes().isEmpty();
        return Latency.isFaster(trial.speedup()) && (first || trial.speedup() > best.speedup());
    }

    /** Times the best anew, since of many times the shortest is one that chance made short. */
    private void confirm(Trial floats, boolean fastest) {
        if (bestMix.equals(PrecisionMix.FLOATS)) {
            return;
        }
        best = best.timed(stopwatch.micros(List.of(network, bestNetwork)));
        if (fastest && !Latency.isFaster(best.speedup())) {
            best = floats;
            bestMix = PrecisionMix.FLOATS;
            bestNetwork = network;
        }
    }

    private List<String> inFloat() {
        return candidates.values().stream()
                .flatMap(List::stream)
                .distinct()
                .filter(layer -> !bestMix.layers().contains(layer))
                .toList();
    }

    /** Networks to run, about: each layer in each scheme, and those on the way of the bisections. */
    private long work(boolean fastest) {
        long layers = candidates.values().stream().mapToLong(List::size).sum();
        long searches = fastest ? candidates.size() : 1;
        return layers + searches * (1 + Long.SIZE - Long.numberOfLeadingZeros(layers));
    }

    private void stopIfInterrupted() {
        if (Thread.interrupted()) {
            throw new CancellationException(String.format(
                    Locale.ROOT,
                    "The search for precisions of network %s was interrupted after %d networks; the network is as it"
                            + " was.",
                    network.name(),
                    trials.size()));
        }
    }
}
