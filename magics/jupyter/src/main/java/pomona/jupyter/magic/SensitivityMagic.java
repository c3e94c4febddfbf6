package pomona.jupyter.magic;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import pomona.evaluate.Evaluation;
import pomona.evaluate.Sensitivity;
import pomona.graph.Constants;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.pass.NearestNames;
import pomona.pass.Option;
import pomona.pass.Pass;
import pomona.pass.PassBinding;
import pomona.prune.Selection;
import pomona.quantize.LayerScheme;
import pomona.quantize.QuantizationSensitivity;

/**
 * {@code %sensitivity NETWORK --data DATASET}: prunes or quantizes each layer alone at several levels and measures the
 * errors.
 */
final class SensitivityMagic extends Magic<Sensitivity> {

    private static final String DATA = "data";
    private static final String METHOD = "method";
    private static final String LEVELS = "levels";
    private static final String LAYERS = "layers";
    private static final String DEFAULT_LEVELS = "0.5,0.7,0.8,0.9,0.95";

    private static final String QUANTIZE = "quantize";
    private static final String MEASURE = "measure";
    private static final String MASK = "mask";
    private static final int PROBES = 8;
    private static final String SCHEMES = "static, dynamic, weight-only, int4, float16, weights";

    /** The switch between the two kinds of scans, and what a scan of quantization measures. */
    private record Quantizing(
            @Option(value = "quantizes each layer alone, and prunes none", defaultsTo = "false")
            boolean quantize) {}

    /** What a scan was asked for; the same question finds the scan that was interrupted. */
    private record Question(Network network, Object data, List<String> line) {}

    private Question last;
    private Sensitivity scan;

    SensitivityMagic(Session session) {
        super(session);
    }

    @Override
    MagicCommand command(List<String> words) {
        String methods = String.join(", ", methods());
        return new MagicCommand(
                        "sensitivity",
                        "Measures how much worse a network gets when one layer alone is pruned or quantized, layer by layer."
                                + " After an interrupt the same line goes on where it stopped.")
                .argument("NETWORK", "1", "the variable that holds the network")
                .required(DATA, "DATASET", "the variable that holds the data to measure on, labelled for errors")
                .option(
                        METHOD,
                        "METHOD",
                        "how weights are chosen: " + methods + "; with --quantize one of " + SCHEMES
                                + "; the first one if not given")
                .option(
                        LEVELS,
                        "LEVELS",
                        "sparsities in ascending order (default: " + DEFAULT_LEVELS
                                + "); with --quantize bits (default: those of the method)")
                .options(Quantizing.class)
                .option(
                        MEASURE,
                        "error|noise|hessian",
                        "with --quantize: the error on the data; the outputs' signal-to-noise ratio, which needs no labels;"
                                + " or what the curvature of the loss predicts (default: error where the data has labels"
                                + " for it, else noise)")
                .option(
                        MASK,
                        "INPUT",
                        "with --quantize: the input that is 0 where records are padded, such as attention_mask")
                .option(LAYERS, "TEXT", "weight or operator names, with * and ?, separated by commas (default: *)");
    }

    @Override
    synchronized Sensitivity run(List<String> args) {
        MagicArguments given = command(args).parse(args);
        Network network = network(given.first());
        RandomAccessDataset data = value(given.options().get(DATA), RandomAccessDataset.class);
        Question question = new Question(network, data, List.copyOf(args));
        if (!question.equals(last) || scan.isComplete()) {
            boolean quantize = "true".equals(given.options().get(QUANTIZE));
            if (!quantize) {
                refuseMask(given.options(), "without --quantize");
            }
            scan = quantize ? quantizing(network, data, given.options()) : scan(network, data, given.options());
            last = question;
        }
        return scan.run();
    }

    private static Sensitivity quantizing(Network network, RandomAccessDataset data, Map<String, String> options) {
        String pattern = options.getOrDefault(LAYERS, "*");
        LayerScheme scheme = scheme(options.getOrDefault(METHOD, "static"));
        List<Double> bits = levels(options.getOrDefault(LEVELS, Integer.toString(scheme.bits())));
        String measure = options.get(MEASURE);
        if (measure == null) {
            measure = Evaluation.isCountable(network, data) ? "error" : "noise";
        }
        String mask = options.getOrDefault(MASK, "");
        return switch (measure) {
            case "error" -> QuantizationSensitivity.measured(network, scheme, bits, pattern, data, mask);
            case "noise" -> QuantizationSensitivity.bySignalToNoise(network, scheme, bits, pattern, data, mask);
            case "hessian" -> {
                refuseMask(options, "with --measure hessian");
                yield QuantizationSensitivity.byHessian(network, bits, pattern, data, PROBES, 0);
            }
            default ->
                throw new IllegalArgumentException(
                        "measure is " + measure + "; it takes one of error, noise, hessian.");
        };
    }

    private static void refuseMask(Map<String, String> options, String where) {
        if (options.containsKey(MASK)) {
            throw new IllegalArgumentException("--mask " + options.get(MASK) + " does nothing " + where
                    + ", where no ranges and no noise are measured; leave it out.");
        }
    }

    private static LayerScheme scheme(String name) {
        for (LayerScheme known : LayerScheme.values()) {
            if (known.toString().equals(name)) {
                return known;
            }
        }
        throw new IllegalArgumentException("--quantize has no method " + name + "; it takes one of " + SCHEMES + ".");
    }

    /** The methods that prune single layers to a sparsity. */
    private static List<String> methods() {
        return PassBinding.of("prune").methods().entrySet().stream()
                .filter(method -> takes(method.getValue(), "sparsity") && takes(method.getValue(), LAYERS))
                .map(Map.Entry::getKey)
                .toList();
    }

    private Sensitivity scan(Network network, RandomAccessDataset data, Map<String, String> options) {
        String method = options.get(METHOD);
        if (method != null && !methods().contains(method)) {
            throw new IllegalArgumentException(
                    "%sensitivity has no method " + method + NearestNames.suggest(method, methods()));
        }
        Network lifted = Constants.lift(network);
        List<String> layers = Selection.layers(options.getOrDefault(LAYERS, "*")).of(lifted).stream()
                .map(LayerWeight::name)
                .toList();
        List<Double> levels = levels(options.getOrDefault(LEVELS, DEFAULT_LEVELS));
        levels.forEach(level -> pass(method, "*", level, data)); // what is wrong is said before anything is measured
        return new Sensitivity(
                lifted,
                layers,
                levels,
                (layer, level) -> pass(method, layer, level, data).transform(lifted),
                data);
    }

    private Pass pass(String method, String layer, double level, RandomAccessDataset data) {
        PassBinding binding = PassBinding.of("prune");
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("sparsity", level);
        settings.put(LAYERS, layer);
        if (takes(binding.technique(method), DATA)) {
            settings.put(DATA, data);
        }
        return binding.bind(method, settings, session::value);
    }

    private static boolean takes(Class<?> technique, String option) {
        return PassBinding.options(technique).stream()
                .anyMatch(own -> own.kebabName().equals(option));
    }

    private static List<Double> levels(String text) {
        List<Double> levels = new ArrayList<>();
        for (String level : text.split(",")) {
            try {
                levels.add(Double.valueOf(level.strip()));
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(
                        "Level " + level.strip() + " is no number; levels are sparsities such as " + DEFAULT_LEVELS
                                + ".",
                        e);
            }
        }
        return levels;
    }
}
