package pomona.quantize;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import pomona.calibrate.InputHessian;
import pomona.calibrate.LayerInput;
import pomona.calibrate.WeightInputs;
import pomona.evaluate.Activations;
import pomona.evaluate.MeasuredRecords;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.pass.Progress;

/** Searches and applies the factors of {@link AwqQuantization}. */
final class SalientScaling {

    /** The Hessians of a group of inputs take about this much memory, in bytes. */
    private static final long MEMORY = 384L << 20;

    /** Outputs of a layer that the error is measured at. */
    private static final int OUTPUTS = 64;

    /** An operator of its own has to leave at most this share of the error. */
    private static final double WORTH = 0.98;

    /** Keeps factors within what floats can divide by. */
    private static final double SMALLEST = 1e-4;

    /**
     * What came out.
     *
     * @param network the network with its weights scaled
     * @param inputs what the layers are fed after scaling, by the output name of their operators; of those that share a
     *     weight the first one has what all are fed
     */
    record Scaled(Network network, Map<String, BlockHessians> inputs) {}

    /** What some layers are fed, or all those that share a weight. */
    private static final class Fed {
        final List<WeightInputs> weights;
        final InputHessian hessian;
        final double[] magnitudes;
        long rows;

        Fed(List<WeightInputs> weights) {
            this.weights = weights;
            hessian = new InputHessian(any().columns());
            magnitudes = new double[any().columns()];
        }

        WeightInputs any() {
            return weights.get(0);
        }

        void add(String value, Tensor tensor) {
            any().forEachRow(value, tensor, 0, this::add);
            hessian.addToDiagonal(any().squareAcross(value, tensor));
        }

        private void add(float[] row) {
            hessian.add(row);
            for (int i = 0; i < row.length; i++) {
                magnitudes[i] += Math.abs(row[i]);
            }
            rows++;
        }
    }

    private final Network network;
    private final AwqQuantization settings;
    private final ChannelLinks links;
    private final ChannelScaling scaling;
    private final Map<String, BlockHessians> inputs = new HashMap<>();

    SalientScaling(Network network, AwqQuantization settings) {
        this.network = network;
        this.settings = settings;
        this.links = new ChannelLinks(network);
        this.scaling = new ChannelScaling(network);
    }

    Scaled scaled(List<LayerWeight> layers) {
        Map<List<Object>, List<WeightInputs>> alike = new LinkedHashMap<>();
        for (WeightInputs inputs : WeightInputs.of(network, layers)) {
            alike.computeIfAbsent(fed(inputs), v -> new ArrayList<>()).add(inputs);
        }
        List<List<WeightInputs>> group = new ArrayList<>();
        long bytes = 0;
        for (List<WeightInputs> weights : alike.values()) {
            long columns = weights.get(0).columns();
            if (bytes > 0 && bytes + 8 * columns * columns > MEMORY) {
                solveGroup(group);
                group.clear();
                bytes = 0;
            }
            group.add(weights);
            bytes += 8 * columns * columns;
        }
        solveGroup(group);
        return new Scaled(scaling.network(), inputs);
    }

    /** The same for weights that are multiplied with the same rows. */
    private static List<Object> fed(WeightInputs inputs) {
        List<Object> fed = new ArrayList<>();
        for (List<LayerInput> readers : List.of(inputs.readers(), inputs.across())) {
            for (LayerInput reader : readers) {
                Node node = reader.layer().node();
                fed.add(reader.value());
                fed.add(node.inputs().indexOf(reader.value()));
                fed.add(node.integer("transA", 0));
                fed.add(inputs.isShared() ? node.real("alpha", 1) : 1f);
            }
            fed.add(readers.size());
        }
        return fed;
    }

    private void solveGroup(List<List<WeightInputs>> group) {
        if (group.isEmpty()) {
            return;
        }
        List<Fed> measured = new ArrayList<>(group.stream().map(Fed::new).toList());
        Map<String, List<Fed>> byValue = new LinkedHashMap<>();
        measured.forEach(
                fed -> fed.any().values().forEach(value -> byValue.computeIfAbsent(value, v -> new ArrayList<>())
                        .add(fed)));
        Activations.forEachFinite(
                "measure activations of " + network.name(),
                "scale",
                network,
                byValue.keySet(),
                new MeasuredRecords(settings.data(), settings.records(), settings.mask()),
                (value, tensor) -> byValue.get(value).forEach(fed -> fed.add(value, tensor)));
        byValue.clear();
        int layers = group.stream().mapToInt(List::size).sum();
        try (Progress progress = Progress.start("scale layers of " + network.name(), layers)) {
            for (int i = 0; i < measured.size(); i++) {
                // Taken out, so that a Hessian is freed as soon as its layers are solved.
                Fed fed = measured.set(i, null);
                solve(fed);
                progress.advance(
                        fed.weights.size(),
                        fed.weights.stream()
                                .map(inputs -> inputs.weight().layer())
                                .collect(Collectors.joining(", ")));
            }
        }
    }

    /** Scales what layers are fed, where that is for them alone: a weight that is shared stays as it is. */
    private void solve(Fed fed) {
        float[][] hessian = means(fed.hessian.matrix(), fed.rows);
        Set<Node> nodes = fed.weights.stream()
                .map(inputs -> inputs.weight().node())
                .collect(Collectors.toCollection(LinkedHashSet::new));
        ChannelLink link = fed.any().isShared()
                ? null
                : links.at(fed.any().readers().get(0).value(), nodes, settings.insert());
        double[] factors = link == null ? null : searched(link, fed, hessian);
        if (factors != null) {
            scaling.scale(link, factors);
        }
        int columns = hessian.length;
        for (Node node : nodes) {
            boolean scaled = factors != null && link.takers().contains(node);
            double[] divisors = scaled ? spread(factors, columns) : null;
            inputs.put(
                    node.output(),
                    BlockHessians.of(hessian, divisors, settings.format().block()));
        }
    }

    private static float[][] means(double[][] sums, long rows) {
        float[][] means = new float[sums.length][sums.length];
        for (int i = 0; i < sums.length; i++) {
            for (int j = 0; j < sums.length; j++) {
                means[i][j] = (float) (sums[i][j] / Math.max(1, rows));
            }
        }
        return means;
    }

    /** A factor for each column out of one for some neighbouring ones. */
    private static double[] spread(double[] factors, int columns) {
        int each = columns / factors.length;
        return IntStream.range(0, columns).mapToDouble(i -> factors[i / each]).toArray();
    }

    /** The best factors, or null when none are better. */
    private double[] searched(ChannelLink link, Fed fed, float[][] hessian) {
        int columns = hessian.length;
        double[] magnitudes = new double[link.channels()];
        int each = columns / magnitudes.length;
        for (int i = 0; i < columns; i++) {
            magnitudes[i / each] += fed.magnitudes[i] / Math.max(1, fed.rows) / each;
        }
        List<float[]> rows = rows(link, fed);
        double[] errors = IntStream.range(0, settings.grid())
                .parallel()
                .mapToDouble(i -> error(rows, spread(factors(magnitudes, power(i)), columns), hessian))
                .toArray();
        int best = IntStream.range(0, errors.length)
                .reduce(0, (left, right) -> errors[right] < errors[left] ? right : left);
        double share = link.absorbers().isEmpty() ? WORTH : 1;
        return errors[best] < share * errors[0] ? factors(magnitudes, power(best)) : null;
    }

    private double power(int step) {
        return (double) step / settings.grid();
    }

    /** Powers of magnitudes, around 1; channels that are always zero stay as they are. */
    private static double[] factors(double[] magnitudes, double power) {
        double[] factors =
                Arrays.stream(magnitudes).map(m -> Math.pow(m, power)).toArray();
        double least = Double.POSITIVE_INFINITY;
        double most = 0;
        for (int c = 0; c < factors.length; c++) {
            if (magnitudes[c] > 0) {
                least = Math.min(least, factors[c]);
                most = Math.max(most, factors[c]);
            }
        }
        double middle = Math.sqrt(least * most);
        for (int c = 0; c < factors.length; c++) {
            factors[c] = magnitudes[c] == 0 ? 1 : Math.max(SMALLEST, Math.min(1 / SMALLEST, factors[c] / middle));
        }
        return factors;
    }

    /** Some rows of the layers' matrices, evenly spaced. */
    private static List<float[]> rows(ChannelLink link, Fed fed) {
        List<float[]> rows = new ArrayList<>();
        for (WeightInputs inputs : fed.weights) {
            if (link.takers().contains(inputs.weight().node())) {
                WeightMatrix matrix = WeightMatrix.of(inputs.weight());
                int count = Math.min(OUTPUTS, matrix.rows());
                for (int i = 0; i < count; i++) {
                    float[] row = new float[matrix.columns()];
                    matrix.read((int) ((long) i * matrix.rows() / count), 1, row);
                    rows.add(row);
                }
            }
        }
        return rows;
    }

    /** The mean squared error of some outputs, summed over them, when their weights are rounded under these factors. */
    private double error(List<float[]> rows, double[] factors, float[][] hessian) {
        int columns = factors.length;
        BlockGrid.Choice range = BlockGrid.range(settings.format());
        BlockCodes codes = new BlockCodes(1, columns, settings.format());
        float[] scaled = new float[columns];
        float[] off = new float[columns];
        float[] products = new float[columns];
        double sum = 0;
        for (float[] row : rows) {
            for (int i = 0; i < columns; i++) {
                scaled[i] = (float) (row[i] * factors[i]);
            }
            for (int b = 0; b < codes.blocks; b++) {
                codes.set(0, b, range.of(scaled, codes.start(b), codes.end(b)));
            }
            Arrays.fill(products, 0);
            for (int i = 0; i < columns; i++) {
                off[i] = (float) (codes.round(0, i, scaled[i]) / factors[i] - row[i]);
                addScaled(off[i], hessian[i], products);
            }
            for (int i = 0; i < columns; i++) {
                sum += (double) off[i] * products[i];
            }
        }
        return sum;
    }

    private static void addScaled(float factor, float[] row, float[] sums) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] += factor * row[i];
        }
    }
}
