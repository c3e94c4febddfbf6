package pomona.quantize;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import pomona.graph.Network;
import pomona.graph.Step;
import pomona.pass.LayerPattern;
import pomona.pass.Option;
import pomona.pass.Pass;

/**
 * Quantizes as many layers of a classifier as its error bears, in the way that makes it fastest or smallest, and leaves the
 * others in float.
 *
 * <p>What each layer costs is measured by quantizing it alone, in each scheme. For the smallest network, layers are then
 * moved to ever fewer bytes (16, 8, 4 bits), those moves first whose bytes cost least; for the fastest, layers are moved to
 * one scheme after the other, the least sensitive first, and what the best network left in float to the other schemes. A
 * bisection finds how many moves keep the error within the budget. Every network on the way is run on the data, and of those
 * within the budget the smallest is taken, or the fastest, timed in turns with the network of floats, which is kept where
 * nothing is faster. The step of provenance says what was found, how each layer is stored, and whether the network got
 * slower; {@link #search} gives all that was measured. The choice is made on the validation data, so that its figure is a
 * little too good: {@code test} gives the honest one. Sources: Wu et al., Integer Quantization for Deep Learning Inference,
 * 2020 (arXiv 2004.09602), section 5.2; Dong et al., HAWQ-V2, 2019 (arXiv 1911.03852), for the order by curvature; Shoham
 * and Gersho, 1988 (IEEE Transactions on Acoustics, Speech and Signal Processing 36(9)), for the order of moves.
 *
 * @param maxDrop how much the error may rise, as a share: 0.005 is half a percentage point; 0 to 1
 * @param data labelled validation data
 * @param test labelled data that is only used to report the error in the end, or null
 * @param goal what to win
 * @param order how sensitive layers are told from others
 * @param schemes what layers may become: static, dynamic, weight-only, int4 (weights in 4 bits) and float16 (weights in 16
 *     bits, which makes no network faster)
 * @param layers which layers may be quantized, by weight or operator name: {@code *} and {@code ?} are wildcards, commas
 *     separate
 * @param mask the input that is 0 where records are padded, which then neither widens ranges nor counts as noise; none when
 *     empty
 */
public record MixedPrecisionQuantization(
        @Option(value = "how much the error may rise, such as 0.5%", defaultsTo = "0.5%", percentage = true)
        double maxDrop,

        @Option("labelled validation data to choose by") RandomAccessDataset data,

        @Option(value = "labelled data to report the error on in the end", defaultsTo = "none")
        RandomAccessDataset test,

        @Option(value = "fastest or smallest", defaultsTo = "fastest")
        Goal goal,

        @Option(
                value = "measured (each layer alone, on data) or hessian (curvature of the loss)",
                defaultsTo = "measured")
        Order order,

        @Option(
                value = "what to try, of static, dynamic, weight-only, int4 and float16",
                defaultsTo = "static, dynamic, weight-only, int4, float16")
        List<LayerScheme> schemes,

        @Option(value = "weight or operator names, with * and ?, separated by commas", defaultsTo = "*")
        String layers,

        @Option(value = "the input that is 0 where records are padded, such as attention_mask", defaultsTo = "")
        String mask)
        implements Pass {

    /** What is won. */
    public enum Goal {
        /** The shortest run at batch 1. */
        FASTEST,
        /** The smallest file. */
        SMALLEST
    }

    /** How layers are sorted. */
    public enum Order {
        /** By the error when a layer alone is quantized, and where that is equal by the noise of the outputs. */
        MEASURED,
        /** By the rise of the loss that the curvature predicts; see {@link HessianTrace}. */
        HESSIAN
    }

    public MixedPrecisionQuantization {
        if (!(maxDrop >= 0 && maxDrop <= 1)) {
            throw new IllegalArgumentException(
                    "max-drop must be 0 to 1, where 0.005 or 0.5% is half a percentage point;" + " it was " + maxDrop
                            + ".");
        }
        if (data == null) {
            throw new IllegalArgumentException(
                    "The mix of precisions is searched for on validation data; none was given (option data).");
        }
        if (goal == null) {
            throw new IllegalArgumentException("Option goal was not given; it is fastest or smallest.");
        }
        if (order == null) {
            throw new IllegalArgumentException("Option order was not given; it is measured or hessian.");
        }
        schemes = schemes == null ? List.of() : List.copyOf(schemes);
        if (schemes.isEmpty() || schemes.contains(LayerScheme.WEIGHTS)) {
            throw new IllegalArgumentException(
                    "Option schemes takes one or more of static, dynamic, weight-only, int4 and float16.");
        }
        new LayerPattern(layers);
        mask = mask == null ? "" : mask.strip();
    }

    /** Searches on whole records. */
    public MixedPrecisionQuantization(
            double maxDrop,
            RandomAccessDataset data,
            RandomAccessDataset test,
            Goal goal,
            Order order,
            List<LayerScheme> schemes,
            String layers) {
        this(maxDrop, data, test, goal, order, schemes, layers, "");
    }

    /** Tries all schemes on all layers, sorted by measurement, for the fastest network. */
    public MixedPrecisionQuantization(double maxDrop, RandomAccessDataset data, RandomAccessDataset test) {
        this(
                maxDrop,
                data,
                test,
                Goal.FASTEST,
                Order.MEASURED,
                List.of(
                        LayerScheme.STATIC,
                        LayerScheme.DYNAMIC,
                        LayerScheme.WEIGHT_ONLY,
                        LayerScheme.INT4,
                        LayerScheme.FLOAT16),
                "*");
    }

    @Override
    public Network transform(Network network) {
        return search(network).network();
    }

    @Override
    public Network apply(Network network) {
        return recorded(search(network));
    }

    /** Searches, and gives all that was measured on the way with the network that was found. */
    public MixedPrecision search(Network network) {
        return new PrecisionSearch(network, this, () -> Stopwatch.of(network, data)).search();
    }

    MixedPrecision search(Network network, Stopwatch stopwatch) {
        return new PrecisionSearch(network, this, () -> stopwatch).search();
    }

    /**
     * The network that was found, with the step of provenance that {@link #apply} gives it.
     *
     * @param found what {@link #search} found
     */
    public Network recorded(MixedPrecision found) {
        Map<String, String> options = new LinkedHashMap<>(step().options());
        options.put("found", found.summary());
        options.put("forms", found.forms());
        options.put("inFloat", found.inFloat().isEmpty() ? "none" : String.join(", ", found.inFloat()));
        String left = found.whyFloat(goal);
        if (!left.isEmpty()) {
            options.put("leftFloat", left);
        }
        options.put(
                "validationError", fromTo(found.floats().error(), found.chosen().error()));
        if (test != null) {
            options.put("testError", fromTo(found.testErrorOfFloats(), found.testError()));
        }
        return found.network().withStep(new Step(step().name(), options));
    }

    private static String fromTo(double before, double after) {
        return String.format(Locale.ROOT, "%.2f %% to %.2f %%", before, after);
    }
}
