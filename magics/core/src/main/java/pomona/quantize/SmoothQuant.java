package pomona.quantize;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import pomona.evaluate.Activations;
import pomona.evaluate.MeasuredRecords;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Node;
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
 * are multiplied with s; ranges of activations are measured on data, one batch at a time. The division goes into the layer
 * or normalization before when that leads nowhere else, also through the sums of an attention into its values; where it
 * does (as in an encoder that adds its input again), an operator Mul divides, if {@code insert} allows it and the layer is
 * expected to gain enough from it in 8 bits. What layers that share their weight are fed stays as it is. Outputs stay equal up to rounding (1e-5 of the largest). Source: Xiao et al.,
 * SmoothQuant: Accurate and Efficient Post-Training Quantization for Large Language Models, 2022 (arXiv 2211.10438),
 * section 4.
 *
 * @param data records like those the network will see; labels are not looked at
 * @param samples how many of its first records to measure on, 1 or more
 * @param alpha how much of the outliers moves into the weights, from 0 to 1, or {@code auto}
 * @param insert whether to add an operator where no weight can take the division
 * @param minimumGain how many times smaller an added operator must make the expected squared error that 8 bits add to the
 *     outputs of the layers it feeds; 0 or more, and 0 always adds it
 * @param layers which layers to feed smoothly, by weight or operator name: {@code *} and {@code ?} are wildcards, commas
 *     separate
 * @param mask the input that is 0 where records are padded, which is then not measured; none when empty
 */
public record SmoothQuant(
        @Option("records like those the network will see") RandomAccessDataset data,

        @Option(value = "how many of the first records to measure on", defaultsTo = "512")
        int samples,

        @Option(
                value = "how much of the outliers moves into the weights, from 0 to 1, or auto: by layer",
                defaultsTo = "auto")
        MigrationStrength alpha,

        @Option(value = "whether to add a Mul where no weight can take the division", defaultsTo = "true")
        boolean insert,

        @Option(value = "how many times smaller a Mul must make the expected squared error", defaultsTo = "2")
        double minimumGain,

        @Option(value = "weight or operator names, with * and ?, separated by commas", defaultsTo = "*")
        String layers,

        @Option(value = "the input that is 0 where records are padded, such as attention_mask", defaultsTo = "")
        String mask)
        implements Pass {

    private static final double MINIMUM_GAIN = 2;

    public SmoothQuant {
        if (data == null) {
            throw new IllegalArgumentException(
                    "Option data was not given; it is a data set to measure activations on.");
        }
        if (samples < 1) {
            throw new IllegalArgumentException("Option samples is " + samples + ", but it must be 1 or more.");
        }
        if (alpha == null) {
            throw new IllegalArgumentException("Option alpha was not given; it is from 0 to 1, or auto.");
        }
        if (!(minimumGain >= 0 && minimumGain < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("Option minimum-gain is " + minimumGain + ", but it must be 0 or more.");
        }
        new LayerPattern(layers);
        mask = mask == null ? "" : mask.strip();
    }

    /** Smooths by whole records. */
    public SmoothQuant(
            RandomAccessDataset data,
            int samples,
            MigrationStrength alpha,
            boolean insert,
            double minimumGain,
            String layers) {
        this(data, samples, alpha, insert, minimumGain, layers, "");
    }

    /** Smooths what all layers are fed, each as much as it gains from. */
    public SmoothQuant(RandomAccessDataset data, int samples) {
        this(data, samples, MigrationStrength.AUTO, true, MINIMUM_GAIN, "*");
    }

    /** Smooths what all layers are fed by the same strength. */
    public SmoothQuant(RandomAccessDataset data, int samples, double alpha) {
        this(data, samples, alpha, true, "*");
    }

    /** Smooths what some layers are fed by the same strength, with an operator where it takes one, or without. */
    public SmoothQuant(RandomAccessDataset data, int samples, double alpha, boolean insert, String layers) {
        this(data, samples, MigrationStrength.parse(String.valueOf(alpha)), insert, MINIMUM_GAIN, layers);
    }

    /** The same with another bound for operators that are added. */
    public SmoothQuant withMinimumGain(double newGain) {
        return new SmoothQuant(data, samples, alpha, insert, newGain, layers, mask);
    }

    /** The same with ranges that leave padding out, which that input tells. */
    public SmoothQuant withMask(String newMask) {
        return new SmoothQuant(data, samples, alpha, insert, minimumGain, layers, newMask);
    }

    @Override
    public Network transform(Network network) {
        Quantizable.check(network, "smoothing");
        Network constant = new IdentityFolding().transform(new ConstantFolding().transform(network));
        Network plain = new BatchNormFolding().transform(constant);
        ChannelLinks links = new ChannelLinks(plain);
        List<LayerWeight> found = Quantizable.layers(plain, layers, "Conv", "ConvTranspose", "Gemm", "MatMul");
        Set<Node> chosen = found.stream()
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
            throw nothing(plain, links, found);
        }
        Map<String, ChannelRanges> ranges = ranges(plain, smoothed);
        ChannelScaling scaling = new ChannelScaling(plain);
        for (ChannelLink link : smoothed.values()) {
            Smoothing smoothing = Smoothing.of(link, ranges.get(link.value()), scaling, alpha);
            if (isWorth(link, smoothing)) {
                scaling.scale(link, smoothing.factors());
            }
        }
        return scaling.network();
    }

    private IllegalArgumentException nothing(Network plain, ChannelLinks links, List<LayerWeight> found) {
        String what = "Network " + plain.name() + " has no layer whose input can be smoothed";
        if (found.stream().allMatch(layer -> links.isShared(layer.node()))) {
            String weight = found.get(0).name();
            return new IllegalArgumentException(what + "; several operators share each weight, such as " + weight + " ("
                    + links.readers(weight).stream().map(Node::label).collect(Collectors.joining(", "))
                    + "), and a shared weight can not be scaled for one of them alone.");
        }
        return new IllegalArgumentException(what
                + (insert ? "" : " without an operator of its own (option insert)")
                + "; it would be what a Gemm, MatMul or Conv with constant weights is fed.");
    }

    /** An operator has to gain enough for what it costs; what goes into weights only must not lose by itself. */
    private boolean isWorth(ChannelLink link, Smoothing smoothing) {
        if (link.absorbers().isEmpty()) {
            return smoothing.gain() >= minimumGain;
        }
        return !alpha.isAuto() || smoothing.gain() > 1;
    }

    /** The ranges of each channel of each value that is smoothed. */
    private Map<String, ChannelRanges> ranges(Network plain, Map<String, ChannelLink> smoothed) {
        Map<String, ChannelRanges> ranges = new LinkedHashMap<>();
        smoothed.forEach((value, link) -> ranges.put(value, new ChannelRanges(link.channels())));
        Activations.forEachFinite(
                "smooth " + plain.name(),
                "smooth",
                plain,
                smoothed.keySet(),
                new MeasuredRecords(data, samples, mask),
                (value, tensor) -> {
                    boolean image =
                            ChannelLinks.isImage(smoothed.get(value).takers().get(0));
                    ranges.get(value).add(tensor, image ? 1 : tensor.rank() - 1);
                });
        return ranges;
    }
}
