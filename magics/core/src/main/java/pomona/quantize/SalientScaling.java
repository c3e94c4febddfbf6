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
import pomona.calibrate.MatrixLayout;
import pomona.evaluate.Activations;
import pomona.evaluate.MeasuredRecords;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Node;

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
     * @param inputs what the layers are fed after scaling, by the output name of their operators
     */
    record Scaled(Network network, Map<String, BlockHessians> inputs) {}

    /** What some layers are fed. */
    private static final class Fed {
        final List<LayerInput> layers = new ArrayList<>();
        final InputHessian hessian;
        final double[] magnitudes;
        long rows;

        Fed(int columns) {
            hessian = new InputHessian(columns);
            magnitudes = new double[columns];
        }

        void add(float[] row) {
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
        Map<String, List<LayerInput>> byValue = new LinkedHashMap<>();
        for (LayerWeight layer : layers) {
            LayerInput input = LayerInput.of(network, layer);
            byValue.computeIfAbsent(input.value(), v -> new ArrayList<>()).add(input);
        }
        Map<String, List<LayerInput>> group = new LinkedHashMap<>();
        long bytes = 0;
        for (Map.Entry<String, List<LayerInput>> entry : byValue.entrySet()) {
            long columns = columns(entry.getValue());
            if (bytes > 0 && bytes + 8 * columns * columns > MEMORY) {
                solveGroup(group);
                group.clear();
                bytes = 0;
            }
            group.put(entry.getKey(), entry.getValue());
            bytes += 8 * columns * columns;
        }
        solveGroup(group);
        return new Scaled(scaling.network(), inputs);
    }

    private static int columns(List<LayerInput> inputs) {
        return MatrixLayout.of(inputs.get(0).layer()).columns();
    }

    private void solveGroup(Map<String, List<LayerInput>> group) {
        if (group.isEmpty()) {
            return;
        }
        Map<String, Fed> measured = new LinkedHashMap<>();
        group.forEach((value, layers) -> {
            Fed fed = new Fed(columns(layers));
            fed.layers.addAll(layers);
            measured.put(value, fed);
        });
        Activations.forEachFinite(
                "measure activations of " + network.name(),
                "scale",
                network,
                group.keySet(),
                new MeasuredRecords(settings.data(), settings.records(), settings.mask()),
                (value, tensor) -> {
                    Fed fed = measured.get(value);
                    fed.layers.get(0).forEachRow(tensor, 0, fed::add);
                });
        for (String value : List.copyOf(measured.keySet())) {
            // Taken out, so that a Hessian is freed as soon as its layers are solved.
            solve(value, measured.remove(value));
        }
    }

    private void solve(String value, Fed fed) {
        float[][] hessian = means(fed.hessian.matrix(), fed.rows);
        Set<Node> nodes = fed.layers.stream()
                .map(input -> input.layer().node())
                .collect(Collectors.toCollection(LinkedHashSet::new));
        ChannelLink link = links.at(value, nodes, settings.insert());
        double[] factors = link == null ? null : searched(link, fed, hessian);
        if (factors != null) {
            scaling.scale(link, factors);
        }
        int columns = hessian.length;
        for (LayerInput input : fed.layers) {
            Node node = input.layer().node();
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
        for (LayerInput input : fed.layers) {
            if (link.takers().contains(input.layer().node())) {
                WeightMatrix matrix = WeightMatrix.of(input.layer());
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
