package pomona.quantize;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import pomona.graph.Node;

/**
 * The factors by which a value is smoothed, and what they are expected to gain.
 *
 * <p>The error that 8 bits add to a layer's outputs is expected from ranges: rounding to steps of d adds d^2/12, to each input
 * times the squares of the weights that meet it, and to each weight times the mean square of its input.
 *
 * @param factors by what each channel is divided
 * @param gain how many times smaller the expected error becomes, below 1 where it grows
 */
record Smoothing(double[] factors, double gain) {

    /** Keeps factors of channels that are all but silent within what floats can divide by. */
    private static final double SMALLEST = 1e-5;

    /** What is tried for each layer when the strength is not told. */
    private static final double[] STRENGTHS = {0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1};

    private static final double INPUT_STEPS = 255;
    private static final double WEIGHT_STEPS = 127;

    /** The factors of a link by a strength, or by the one that gains most. */
    static Smoothing of(ChannelLink link, ChannelRanges fed, ChannelScaling scaling, MigrationStrength strength) {
        float[] weights = new float[link.channels()];
        for (Node taker : link.takers()) {
            float[] maxima = scaling.axes(taker).inputMaxima(scaling.weight(taker), link.channels());
            for (int c = 0; c < weights.length; c++) {
                weights[c] = Math.max(weights[c], maxima[c]);
            }
        }
        double[] ones = new double[weights.length];
        Arrays.fill(ones, 1);
        double plain = error(link, fed, scaling, ones);
        double[] alphas = strength.isAuto() ? STRENGTHS : new double[] {strength.alpha()};
        return IntStream.range(0, alphas.length)
                .parallel()
                .mapToObj(i -> {
                    double[] factors = factors(fed, weights, alphas[i]);
                    double error = error(link, fed, scaling, factors);
                    // Without an error there is nothing to gain.
                    return new Smoothing(factors, error == 0 ? 1 : plain / error);
                })
                .max(Comparator.comparingDouble(Smoothing::gain))
                .orElseThrow();
    }

    private static double[] factors(ChannelRanges fed, float[] weights, double alpha) {
        double[] factors = new double[weights.length];
        for (int c = 0; c < factors.length; c++) {
            float magnitude = fed.magnitude(c);
            double factor = Math.pow(magnitude, alpha) / Math.pow(weights[c], 1 - alpha);
            boolean silent = magnitude == 0 || weights[c] == 0;
            factors[c] = silent ? 1 : Math.max(SMALLEST, Math.min(1 / SMALLEST, factor));
        }
        return factors;
    }

    private static double error(ChannelLink link, ChannelRanges fed, ChannelScaling scaling, double[] factors) {
        double step = fed.width(factors) / INPUT_STEPS;
        double power = 0;
        for (int c = 0; c < factors.length; c++) {
            power += fed.meanSquare(c) / (factors[c] * factors[c]);
        }
        double sum = 0;
        for (Node taker : link.takers()) {
            WeightAxes axes = scaling.axes(taker);
            float[] weight = scaling.weight(taker);
            double[] largest = new double[axes.outputs()];
            int each = axes.inputs() / factors.length;
            double squares = 0;
            for (int i = 0; i < weight.length; i++) {
                double scaled = weight[i] * factors[axes.input(i) / each];
                squares += scaled * scaled;
                int output = axes.output(i);
                largest[output] = Math.max(largest[output], Math.abs(scaled));
            }
            sum += step * step * squares;
            // An output meets each of its inputs once for each place of the kernel.
            double met = power * each * axes.inner() / axes.groups();
            for (double most : largest) {
                sum += Math.pow(most / WEIGHT_STEPS, 2) * met;
            }
        }
        return sum / 12;
    }
}
