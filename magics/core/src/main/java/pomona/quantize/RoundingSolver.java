package pomona.quantize;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.concurrent.CancellationException;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import pomona.calibrate.InputHessian;
import pomona.calibrate.MatrixLayout;
import pomona.graph.LayerWeight;
import pomona.graph.Tensor;

/** Learns whether each weight of one layer is rounded up or down. */
final class RoundingSolver {

    /** The stretched sigmoid of the paper, so that 0 and 1 are reached (equation 23). */
    private static final float STRETCH = 1.2f;

    private static final float SHIFT = -0.1f;

    /** The exponent of the regularizer falls between these, after a first fifth of the steps without it. */
    private static final double FIRST_EXPONENT = 20;

    private static final double LAST_EXPONENT = 2;
    private static final double WARM_UP = 0.2;

    /** How much a rounding between 0 and 1 costs, in shares of what nearest rounding loses for a weight. */
    private static final float REGULARIZER = 0.2f;

    private static final float RATE = 0.03f;

    /** What a logit means; it is 0 or 1 from here on (logarithm of 11). */
    private static final Curve SOFT = Curve.of(
            -Math.log(11),
            Math.log(11),
            8192,
            logit -> Math.max(0, Math.min(1, STRETCH / (1 + Math.exp(-logit)) + SHIFT)));

    private final LayerWeight layer;
    private final MatrixLayout layout;
    private final int largest;
    private final int steps;
    private final float[] weight;
    private final float[] scales;

    /** @param axis the dimension of scales, that of outputs, or -1 for one scale */
    RoundingSolver(LayerWeight layer, int largest, int axis, int steps) {
        this.layer = layer;
        this.layout = MatrixLayout.of(layer);
        this.largest = largest;
        this.steps = steps;
        this.weight = layer.tensor().toFloatArray();
        float[] found = QuantizedWeight.scales(weight, layer.tensor().shape(), axis, largest);
        this.scales = found.length == layout.rows() ? found : repeated(found[0], layout.rows());
    }

    private static float[] repeated(float scale, int count) {
        float[] scales = new float[count];
        Arrays.fill(scales, scale);
        return scales;
    }

    /** The weight on its steps. */
    Tensor solve(InputHessian[] hessians) {
        float[] rounded = weight.clone();
        int perGroup = layout.rows() / hessians.length;
        for (int group = 0; group < hessians.length; group++) {
            solve(group * perGroup, perGroup, hessians[group].matrix(), rounded);
        }
        return Tensor.ofFloats(rounded, layer.tensor().shape());
    }

    /** Rounds the rows of one group of output features. */
    private void solve(int first, int rows, double[][] hessian, float[] rounded) {
        int columns = layout.columns();
        float[] floor = new float[rows * columns];
        float[] rest = new float[rows * columns];
        for (int at = 0; at < floor.length; at++) {
            int row = first + at / columns;
            float exact = weight[layout.element(row, at % columns)] / scales[row];
            // The largest weight keeps its step, so that a quantization finds the same scale again.
            floor[at] = Math.abs(exact) > largest - 1e-3f ? Math.signum(exact) * largest : (float) Math.floor(exact);
            rest[at] = Math.min(1, Math.max(0, exact - floor[at]));
        }
        float[] up = nearest(rest);
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            NDArray products = manager.create(relative(hessian), new Shape(columns, columns));
            double[] before = losses(up, rest, rows, products);
            float[] learned = learn(rest, before, products);
            double[] after = losses(learned, rest, rows, products);
            for (int row = 0; row < rows; row++) {
                if (after[row] < before[row]) {
                    System.arraycopy(learned, row * columns, up, row * columns, columns);
                }
            }
        }
        for (int at = 0; at < floor.length; at++) {
            int row = first + at / columns;
            float step = Math.max(-largest, Math.min(largest, floor[at] + up[at]));
            rounded[layout.element(row, at % columns)] = step * scales[row];
        }
    }

    private static float[] nearest(float[] rest) {
        float[] up = new float[rest.length];
        for (int i = 0; i < up.length; i++) {
            up[i] = Math.round(rest[i]);
        }
        return up;
    }

    /** The products of inputs as floats, the largest of them 1. */
    private static float[] relative(double[][] hessian) {
        double most = Double.MIN_NORMAL;
        for (int i = 0; i < hessian.length; i++) {
            most = Math.max(most, hessian[i][i]);
        }
        float[] values = new float[hessian.length * hessian.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (hessian[i / hessian.length][i % hessian.length] / most);
        }
        return values;
    }

    /** The gradient of half the squared error of the outputs with respect to the steps: the errors times the products. */
    private static float[] gradient(float[] up, float[] rest, int rows, NDArray products) {
        float[] errors = new float[up.length];
        for (int i = 0; i < errors.length; i++) {
            errors[i] = up[i] - rest[i];
        }
        try (NDManager scratch = products.getManager().newSubManager()) {
            return scratch.create(errors, new Shape(rows, errors.length / rows))
                    .matMul(products)
                    .toFloatArray();
        }
    }

    /** The squared error of each output, in squared steps. */
    private static double[] losses(float[] up, float[] rest, int rows, NDArray products) {
        float[] gradient = gradient(up, rest, rows, products);
        double[] losses = new double[rows];
        for (int i = 0; i < up.length; i++) {
            losses[i / (up.length / rows)] += gradient[i] * (double) (up[i] - rest[i]);
        }
        return losses;
    }

    /** For each weight 1 to round up or 0 to round down, by Adam; rows count alike, whatever their size. */
    private float[] learn(float[] rest, double[] nearestLosses, NDArray products) {
        int rows = nearestLosses.length;
        int columns = rest.length / rows;
        float[] logits = new float[rest.length];
        float[] mean = new float[rest.length];
        float[] variance = new float[rest.length];
        float[] soft = new float[rest.length];
        for (int i = 0; i < logits.length; i++) {
            double share = (rest[i] - SHIFT) / STRETCH;
            logits[i] = (float) Math.log(share / (1 - share));
        }
        for (int step = 0; step < steps; step++) {
            if (Thread.interrupted()) {
                throw new CancellationException(
                        "Rounding layer " + layer.layer() + " was interrupted; the network is as it was.");
            }
            stretched(logits, soft);
            float[] gradient = gradient(soft, rest, rows, products);
            Descent descent = new Descent(step, steps);
            IntStream.range(0, rows).parallel().forEach(row -> {
                double unit = 2 * columns / Math.max(nearestLosses[row], Double.MIN_NORMAL);
                for (int i = row * columns; i < (row + 1) * columns; i++) {
                    if (nearestLosses[row] > 0) {
                        descent.move(i, unit * gradient[i], logits, soft, mean, variance);
                    }
                }
            });
        }
        for (int i = 0; i < logits.length; i++) {
            logits[i] = rest[i] > 0 && logits[i] >= 0 ? 1 : 0;
        }
        return logits;
    }

    private static void stretched(float[] logits, float[] soft) {
        IntStream.range(0, logits.length).parallel().forEach(i -> soft[i] = SOFT.at(logits[i]));
    }

    /**
     * A function by straight lines between its values at even distances; beyond the ends it is what it is there.
     *
     * @param first where the values begin
     * @param perUnit values to a unit
     */
    private record Curve(float first, float perUnit, float[] values) {

        static Curve of(double first, double last, int intervals, DoubleUnaryOperator function) {
            float[] values = new float[intervals + 1];
            for (int i = 0; i <= intervals; i++) {
                values[i] = (float) function.applyAsDouble(first + (last - first) * i / intervals);
            }
            return new Curve((float) first, (float) (intervals / (last - first)), values);
        }

        float at(float x) {
            float place = (x - first) * perUnit;
            if (!(place > 0)) {
                return values[0];
            }
            if (place >= values.length - 1) {
                return values[values.length - 1];
            }
            int below = (int) place;
            return values[below] + (place - below) * (values[below + 1] - values[below]);
        }
    }

    /** One step of Adam, with the regularizer of that time. */
    private record Descent(Curve slope, double firstMoment, double secondMoment) {

        Descent(int step, int steps) {
            this(
                    slope((step / (double) steps - WARM_UP) / (1 - WARM_UP)),
                    1 - Math.pow(0.9, step + 1),
                    1 - Math.pow(0.999, step + 1));
        }

        /** How steep the regularizer is at a distance from the middle, 0 to 1; null while it rests. */
        private static Curve slope(double progress) {
            double share = 0.5 * (1 + Math.cos(Math.PI * progress));
            double exponent = LAST_EXPONENT + (FIRST_EXPONENT - LAST_EXPONENT) * share;
            return progress < 0
                    ? null
                    : Curve.of(0, 1, 1024, away -> REGULARIZER * 2 * exponent * Math.pow(away, exponent - 1));
        }

        void move(int i, double error, float[] logits, float[] soft, float[] mean, float[] variance) {
            double total = error;
            if (slope != null) {
                float away = 2 * soft[i] - 1;
                total -= Math.signum(away) * slope.at(Math.abs(away));
            }
            boolean clipped = soft[i] <= 0 || soft[i] >= 1;
            double sigmoid = (soft[i] - SHIFT) / STRETCH;
            total *= clipped ? 0 : STRETCH * sigmoid * (1 - sigmoid);
            mean[i] = (float) (0.9 * mean[i] + 0.1 * total);
            variance[i] = (float) (0.999 * variance[i] + 0.001 * total * total);
            logits[i] -= (float) (RATE * mean[i] / firstMoment / (Math.sqrt(variance[i] / secondMoment) + 1e-8));
        }
    }
}
