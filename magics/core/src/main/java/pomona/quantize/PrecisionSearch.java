package pomona.quantize;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CancellationException;
import pomona.evaluate.Evaluation;
import pomona.evaluate.EvaluationOptions;
import pomona.evaluate.MeasuredRecords;
import pomona.evaluate.Sensitivity;
import pomona.graph.Constants;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.onnx.Onnx;
import pomona.pass.Progress;
import pomona.quantize.MixedPrecision.LayerCost;
import pomona.quantize.MixedPrecision.Trial;

/** Searches for the mix of precisions within a budget; one search, one use. */
final class PrecisionSearch {

    private static final int PROBES = 4;
    private static final EvaluationOptions TIMED = new EvaluationOptions(64, true, 20, 300, 1);

    private final Network network;
    private final Network lifted;
    private final MixedPrecisionQuantization pass;
    private final RandomAccessDataset data;
    private final double allowed;
    private final Trial floats;
    private final List<Trial> trials = new ArrayList<>();
    private final List<LayerCost> costs = new ArrayList<>();
    private Map<String, Double> byCurvature;
    private Trial best;
    private Network bestNetwork;
    private List<String> bestFloat = List.of();

    PrecisionSearch(Network network, MixedPrecisionQuantization pass) {
        this.network = network;
        this.lifted = Constants.lift(network);
        this.pass = pass;
        this.data = pass.data();
        double error = Evaluation.errorPercent(network, data);
        // Sums of floating-point numbers that are equal on paper are to be equal here.
        this.allowed = error + 100 * pass.maxDrop() + 1e-9;
        this.floats = new Trial(null, 0, error, Onnx.size(network), micros(network), true);
        this.best = floats;
        this.bestNetwork = network;
    }

    MixedPrecision search() {
        trials.add(floats);
        boolean any = false;
        try (Progress progress = Progress.start(
                "search precisions of " + network.name(), pass.schemes().size())) {
            for (LayerScheme scheme : pass.schemes()) {
                List<String> names = names(scheme);
                if (!names.isEmpty()) {
                    any = true;
                    search(scheme, sorted(scheme, names));
                }
                progress.advance(
                        1, best.scheme() == null ? "floats" : best.scheme().toString());
            }
        }
        if (!any) {
            throw new IllegalArgumentException("Network " + network.name() + " has nothing to quantize; it would be the"
                    + " constant 32-bit floating-point weights of Gemm, MatMul or Conv operators.");
        }
        return new MixedPrecision(bestNetwork, floats, best, trials, costs, bestFloat);
    }

    /** The layers that a scheme takes; none where the network has no layer of its kinds. */
    private List<String> names(LayerScheme scheme) {
        return LayerWeight.of(lifted).stream().noneMatch(scheme::takes)
                ? List.of()
                : QuantizationSensitivity.layers(lifted, scheme, pass.layers());
    }

    /** The layers, the least sensitive first. */
    private List<String> sorted(LayerScheme scheme, List<String> names) {
        OutputNoise noise = new OutputNoise(lifted, new MeasuredRecords(data, FloatLayerSearch.MOST_RECORDS));
        Map<String, LayerCost> found = new HashMap<>();
        if (pass.order() == MixedPrecisionQuantization.Order.HESSIAN && byCurvature == null) {
            Sensitivity scan = QuantizationSensitivity.byHessian(network, List.of(8.0), "*", data, PROBES, 0)
                    .run();
            byCurvature = new HashMap<>();
            scan.layers().forEach(layer -> byCurvature.put(layer, scan.error(layer, 8)));
        }
        for (String name : names) {
            stopIfInterrupted();
            Network alone = scheme.quantize(lifted, List.of(name), 8, data);
            double cost =
                    byCurvature != null ? byCurvature.get(name) : Evaluation.errorPercent(alone, data) - floats.error();
            LayerCost layer = new LayerCost(name, scheme, cost, noise.of(alone));
            found.put(name, layer);
            costs.add(layer);
        }
        List<String> sorted = new ArrayList<>(names);
        sorted.sort(Comparator.comparingDouble((String name) -> found.get(name).cost())
                .thenComparingDouble(name -> found.get(name).noise()));
        return sorted;
    }

    /** Halves the interval between what the budget bears and what it does not, running every network on the way. */
    private void search(LayerScheme scheme, List<String> sorted) {
        int low = 0;
        int high = sorted.size() + 1;
        int count = sorted.size();
        while (high - low > 1) {
            stopIfInterrupted();
            if (tryOut(scheme, sorted, count)) {
                low = count;
            } else {
                high = count;
            }
            count = (low + high) / 2;
        }
    }

    private boolean tryOut(LayerScheme scheme, List<String> sorted, int count) {
        Network mixed = scheme.quantize(lifted, sorted.subList(0, count), 8, data);
        double error = Evaluation.errorPercent(mixed, data);
        boolean within = error <= allowed;
        Trial trial = new Trial(scheme, count, error, Onnx.size(mixed), within ? micros(mixed) : Double.NaN, within);
        trials.add(trial);
        if (within && isBetter(trial)) {
            best = trial;
            bestNetwork = mixed;
            bestFloat = List.copyOf(sorted.subList(count, sorted.size()));
        }
        return within;
    }

    private boolean isBetter(Trial trial) {
        return pass.goal() == MixedPrecisionQuantization.Goal.FASTEST
                ? trial.micros() < best.micros()
                : trial.bytes() < best.bytes();
    }

    /** The median time of a run at batch 1, measured on one record. */
    private double micros(Network timed) {
        return Evaluation.of(timed, data.subDataset(0, 1), TIMED).latency().median();
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
