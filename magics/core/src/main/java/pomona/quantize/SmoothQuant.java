package pomona.quantize;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import pomona.evaluate.Activations;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.pass.LayerPattern;
import pomona.pass.Option;
import pomona.pass.Pass;
import pomona.simplify.BatchNormFolding;
import pomona.simplify.ConstantFolding;
import pomona.simplify.IdentityFolding;

/**
 * Takes outliers out of what layers are fed, channel by channel, and puts them into the weights, which bear them better;
 * the network gives the same outputs.
 *
 * <p>Channel j of what a layer is fed is divided by s = max|X_j|^alpha / max|W_j|^(1 - alpha), and the weights that meet it
 * are multiplied with s; maxima of activations are measured on data, one batch at a time. The division goes into the layer
 * or normalization before when that leads nowhere else; where it does (as in an encoder that adds its input again), an
 * operator Mul divides, if {@code insert} allows it. Outputs stay equal up to rounding (1e-5 of the largest). Source: Xiao
 * et al., SmoothQuant: Accurate and Efficient Post-Training Quantization for Large Language Models, 2022 (arXiv
 * 2211.10438), section 4.
 *
 * @param data records like those the network will see; labels are not looked at
 * @param samples how many of its first records to measure on, 1 or more
 * @param alpha how much of the outliers moves into the weights, from 0 to 1
 * @param insert whether to add an operator where no weight can take the division
 * @param layers which layers to feed smoothly, by weight or operator name: {@code *} and {@code ?} are wildcards, commas
 *     separate
 */
public record SmoothQuant(
        @Option("records like those the network will see") RandomAccessDataset data,

        @Option(value = "how many of the first records to measure on", defaultsTo = "512")
        int samples,

        @Option(value = "how much of the outliers moves into the weights, from 0 to 1", defaultsTo = "0.5")
        double alpha,

        @Option(value = "whether to add a Mul where no weight can take the division", defaultsTo = "true")
        boolean insert,

        @Option(value = "weight or operator names, with * and ?, separated by commas", defaultsTo = "*")
        String layers)
        implements Pass {

    /** Keeps factors of channels that are all but silent within what floats can divide by. */
    private static final double SMALLEST = 1e-5;

    public SmoothQuant {
        if (data == null) {
            throw new IllegalArgumentException(
                    "Option data was not given; it is a data set to measure activations on.");
        }
        if (samples < 1) {
            throw new IllegalArgumentException("Option samples is " + samples + ", but it must be 1 or more.");
        }
        if (!(alpha >= 0 && alpha <= 1)) {
            throw new IllegalArgumentException("Option alpha is " + alpha + ", but it must be from 0 to 1.");
        }
        new LayerPattern(layers);
    }

    /** Smooths what all layers are fed, with an operator where it takes one. */
    public SmoothQuant(RandomAccessDataset data, int samples, double alpha) {
        this(data, samples, alpha, true, "*");
    }

    @Override
    public Network transform(Network network) {
        Quantizable.check(network, "smoothing");
        Network constant = new IdentityFolding().transform(new ConstantFolding().transform(network));
        Network plain = new BatchNormFolding().transform(constant);
        ChannelLinks links = new ChannelLinks(plain);
        Set<Node> chosen = Quantizable.layers(plain, layers, "Conv", "ConvTranspose", "Gemm", "MatMul").stream()
                .map(LayerWeight::node)
                .filter(links::isLayer)
                .collect(Collectors.toCollection(LinkedHashSet::new));
        Map<String, ChannelLink> smoothed = new LinkedHashMap<>();
        for (Node node : chosen) {
            ChannelLink link = links.at(node.input(0), chosen, insert);
            if (link != null) {
                smoothed.put(link.value(), link);
            }
        }
        if (smoothed.isEmpty()) {
            throw new IllegalArgumentException("Network " + network.name() + " has no layer whose input can be smoothed"
                    + (insert ? "" : " without an operator of its own (option insert)")
                    + "; it would be what a Gemm, MatMul or Conv with constant weights is fed.");
        }
        Map<String, float[]> largest = largest(plain, smoothed);
        ChannelScaling scaling = new ChannelScaling(plain);
        smoothed.values().forEach(link -> smooth(link, largest.get(link.value()), scaling));
        return scaling.network();
    }

    /** The largest magnitude of each channel of each value that is smoothed. */
    private Map<String, float[]> largest(Network plain, Map<String, ChannelLink> smoothed) {
        Map<String, float[]> largest = new LinkedHashMap<>();
        smoothed.forEach((value, link) -> largest.put(value, new float[link.channels()]));
        Activations.forEachFinite(
                "smooth " + plain.name(), "smooth", plain, smoothed.keySet(), data, samples, (value, tensor) -> {
                    boolean image =
                            ChannelLinks.isImage(smoothed.get(value).takers().get(0));
                    add(tensor, image ? 1 : tensor.rank() - 1, largest.get(value));
                });
        return largest;
    }

    private static void add(Tensor tensor, int axis, float[] largest) {
        long[] shape = tensor.shape();
        int inner = (int) Arrays.stream(shape, axis + 1, shape.length).reduce(1, (a, b) -> a * b);
        int dimension = Math.toIntExact(shape[axis]);
        int each = dimension / largest.length;
        float[] values = tensor.toFloatArray();
        for (int i = 0; i < values.length; i++) {
            int channel = i / inner % dimension / each;
            largest[channel] = Math.max(largest[channel], Math.abs(values[i]));
        }
    }

    private void smooth(ChannelLink link, float[] activations, ChannelScaling scaling) {
        float[] weights = new float[link.channels()];
        for (Node taker : link.takers()) {
            float[] maxima = scaling.axes(taker).inputMaxima(scaling.weight(taker), link.channels());
            for (int c = 0; c < weights.length; c++) {
                weights[c] = Math.max(weights[c], maxima[c]);
            }
        }
        double[] factors = new double[weights.length];
        for (int c = 0; c < factors.length; c++) {
            double factor = Math.pow(activations[c], alpha) / Math.pow(weights[c], 1 - alpha);
            boolean silent = activations[c] == 0 || weights[c] == 0;
            factors[c] = silent ? 1 : Math.max(SMALLEST, Math.min(1 / SMALLEST, factor));
        }
        scaling.scale(link, factors);
    }
}
