package pomona.prune;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CancellationException;
import pomona.evaluate.Evaluation;
import pomona.graph.Network;
import pomona.graph.Step;
import pomona.pass.Option;
import pomona.pass.Pass;
import pomona.pass.Progress;

/**
 * Prunes as much as a classifier bears: finds, by bisection on validation data, the greatest sparsity at which its error
 * rises by no more than a given number of points.
 *
 * <p>The provenance of the result says which sparsity was found and what was measured; since the choice was made on the
 * validation data, its figure is a little too good, and data that the choice has not seen gives the honest one ({@code
 * test}). Errors do not always rise with sparsity: what is found is a border, and every network on the way to it was
 * measured.
 *
 * @param maxDrop how much the error may rise, as a share: 0.005 is half a percentage point; 0 to 1
 * @param data labelled validation data
 * @param test labelled data that is only used to report the error in the end, or null
 * @param criterion which weights go, whatever its own sparsity is (also one that trains, such as {@link
 *     IterativePruning}); or null for the smallest of all layers together
 * @param precision how finely the sparsity is searched for, above 0 and below 1
 */
public record MaxDropPruning(
        @Option(value = "how much the error may rise, such as 0.5%", defaultsTo = "0.5%", percentage = true)
        double maxDrop,

        @Option("labelled validation data to choose by") RandomAccessDataset data,

        @Option(value = "labelled data to report the error on in the end", defaultsTo = "none")
        RandomAccessDataset test,

        @Option(
                value = "variable of the pruning that says which weights go; magnitude if not given",
                defaultsTo = "none")
        Sparsification criterion,

        @Option(value = "how finely the sparsity is searched for", defaultsTo = "0.005")
        double precision)
        implements Pass {

    public MaxDropPruning {
        if (!(maxDrop >= 0 && maxDrop <= 1)) {
            throw new IllegalArgumentException(
                    "max-drop must be 0 to 1, where 0.005 or 0.5% is half a percentage point;" + " it was " + maxDrop
                            + ".");
        }
        if (data == null) {
            throw new IllegalArgumentException(
                    "The greatest sparsity is searched for on validation data; none was given (option data).");
        }
        if (!(precision > 0 && precision < 1)) {
            throw new IllegalArgumentException("precision must be above 0 and below 1; it was " + precision + ".");
        }
    }

    /** Prunes the smallest weights of all layers together. */
    public MaxDropPruning(double maxDrop, RandomAccessDataset data, RandomAccessDataset test) {
        this(maxDrop, data, test, null, 0.005);
    }

    /** What was found. */
    private record Found(double sparsity, double error, Network network) {}

    @Override
    public Network transform(Network network) {
        return search(network, Evaluation.errorPercent(network, data)).network();
    }

    @Override
    public Network apply(Network network) {
        double dense = Evaluation.errorPercent(network, data);
        Found found = search(network, dense);
        Map<String, String> step = new LinkedHashMap<>(step().options());
        step.put("found", String.format(Locale.ROOT, "sparsity %.4f", found.sparsity()));
        step.put("validationError", fromTo(dense, found.error()));
        if (test != null) {
            double before = Evaluation.errorPercent(network, test);
            step.put("testError", fromTo(before, Evaluation.errorPercent(found.network(), test)));
        }
        return found.network().withStep(new Step(step().name(), step));
    }

    private static String fromTo(double before, double after) {
        return String.format(Locale.ROOT, "%.2f %% to %.2f %%", before, after);
    }

    private Found search(Network network, double dense) {
        Sparsification pruning = criterion == null ? new MagnitudePruning(0) : criterion;
        double allowed = dense + 100 * maxDrop;
        Found best = new Found(0, dense, network);
        double low = 0;
        double high = 1;
        long rounds = (long) Math.ceil(Math.log(1 / precision) / Math.log(2));
        try (Progress progress = Progress.start("search the sparsity of " + network.name(), rounds)) {
            while (high - low > precision) {
                if (Thread.interrupted()) {
                    throw new CancellationException("The search for the sparsity of network " + network.name()
                            + " was interrupted; the network is as it was.");
                }
                double middle = (low + high) / 2;
                Network pruned = pruning.withSparsity(middle).transform(network);
                double error = Evaluation.errorPercent(pruned, data);
                // Sums of floating-point numbers that are equal on paper are to be equal here.
                if (error <= allowed + 1e-9) {
                    best = new Found(middle, error, pruned);
                    low = middle;
                } else {
                    high = middle;
                }
                progress.advance(1, String.format(Locale.ROOT, "%.1f %% zero: error %.2f %%", 100 * middle, error));
            }
        }
        return best;
    }
}
