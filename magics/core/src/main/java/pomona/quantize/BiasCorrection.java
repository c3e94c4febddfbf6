package pomona.quantize;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import pomona.graph.Dimension;
import pomona.graph.Network;
import pomona.graph.ShapeInference;
import pomona.graph.Value;
import pomona.pass.Option;
import pomona.pass.Pass;

/**
 * Moves the biases of a quantized network so that each channel of each layer's output has the mean that it has in the
 * network of floats.
 *
 * <p>Rounding a weight shifts a channel's mean wherever inputs have a mean that is not zero, and the shifts add up from
 * layer to layer. Means are measured on data, batch by batch; layers are corrected in the order of the network, those of one
 * depth together, each with what came before it corrected already. Conv and Gemm get a bias where they have none; a MatMul is
 * corrected in the Add behind it, and left where there is none. Weights and activations may be quantized (QDQ form) or weights
 * alone. Source: Nagel et al., Data-Free Quantization Through Weight Equalization and Bias Correction, 2019 (arXiv
 * 1906.04721), section 4.2, with means measured as in its appendix D.
 *
 * @param reference the network of floats that the quantized one was made from
 * @param data records like those the network will see; labels are not looked at
 * @param samples how many of its first records to measure on, 1 or more
 * @param mask the input that is 0 where records are padded, which means then leave out; none when empty
 */
public record BiasCorrection(
        @Option("the network of floats that the quantized one was made from")
        Network reference,

        @Option("records like those the network will see") RandomAccessDataset data,

        @Option(value = "how many of the first records to measure on", defaultsTo = "512")
        int samples,

        @Option(value = "the input that is 0 where records are padded, such as attention_mask", defaultsTo = "")
        String mask)
        implements Pass {

    public BiasCorrection {
        if (reference == null) {
            throw new IllegalArgumentException(
                    "Option reference was not given; it is the network of floats that the quantized one was made from.");
        }
        if (data == null) {
            throw new IllegalArgumentException(
                    "Option data was not given; it is a data set to measure activations on.");
        }
        if (samples < 1) {
            throw new IllegalArgumentException("Option samples is " + samples + ", but it must be 1 or more.");
        }
        mask = mask == null ? "" : mask.strip();
    }

    /** Corrects means over whole records. */
    public BiasCorrection(Network reference, RandomAccessDataset data, int samples) {
        this(reference, data, samples, "");
    }

    @Override
    public Network transform(Network quantized) {
        Map<Integer, List<CorrectableLayer>> byDepth = new TreeMap<>();
        Map<String, Integer> depths = new HashMap<>();
        Set<String> known = new LinkedHashSet<>(reference.graph().producers().keySet());
        for (CorrectableLayer layer : CorrectableLayer.of(quantized, known, depths)) {
            byDepth.computeIfAbsent(depths.get(layer.value()), depth -> new ArrayList<>())
                    .add(layer);
        }
        if (byDepth.isEmpty()) {
            throw nothing(quantized);
        }
        refuseOtherShapes(quantized, byDepth.values());
        Map<String, double[]> wanted = means(
                reference,
                byDepth.values().stream()
                        .flatMap(List::stream)
                        .collect(Collectors.toMap(CorrectableLayer::reference, CorrectableLayer::axis, (a, b) -> a)));
        Network result = quantized;
        for (List<CorrectableLayer> layers : byDepth.values()) {
            Map<String, double[]> got = means(
                    result,
                    layers.stream()
                            .collect(Collectors.toMap(CorrectableLayer::value, CorrectableLayer::axis, (a, b) -> a)));
            Map<CorrectableLayer, double[]> shifts = new LinkedHashMap<>();
            for (CorrectableLayer layer : layers) {
                double[] shift = wanted.get(layer.reference()).clone();
                double[] mean = got.get(layer.value());
                if (shift.length != mean.length) {
                    throw otherThan(
                            quantized,
                            layer.reference() + " of " + shift.length + " channels",
                            layer.value() + " of " + mean.length);
                }
                for (int c = 0; c < shift.length; c++) {
                    shift[c] -= mean[c];
                }
                shifts.put(layer, shift);
            }
            result = new BiasEdit(result).shifted(shifts);
        }
        return result;
    }

    /** The refusal of a network without a layer that can be corrected. */
    static IllegalArgumentException nothing(Network network) {
        return new IllegalArgumentException("Network " + network.name() + " has no layer for bias correction; it"
                + " would be a quantized Conv or Gemm, or a quantized MatMul with an Add of a constant vector behind"
                + " it, whose output has the same name in the network of floats.");
    }

    /** Refuses a reference in which a value of the same name has other sizes, which is no network of the same layers. */
    private void refuseOtherShapes(Network quantized, Collection<List<CorrectableLayer>> layers) {
        Map<String, Value> right = ShapeInference.of(reference);
        Map<String, Value> near = ShapeInference.of(quantized);
        layers.stream().flatMap(List::stream).forEach(layer -> {
            Value wanted = right.get(layer.reference());
            Value given = near.get(layer.value());
            if (!isAlike(wanted.shape(), given.shape())) {
                throw otherThan(quantized, wanted.toString(), given.toString());
            }
        });
    }

    private IllegalArgumentException otherThan(Network quantized, String wanted, String given) {
        return new IllegalArgumentException("Reference " + reference.name() + " has " + wanted + ", but network "
                + quantized.name() + " has " + given
                + "; the reference is the network of floats that the quantized one was made from.");
    }

    /** Whether two shapes can be the same; sizes that are unknown or not fixed can. */
    private static boolean isAlike(List<Dimension> one, List<Dimension> other) {
        if (one == null || other == null) {
            return true;
        }
        return one.size() == other.size()
                && IntStream.range(0, one.size())
                        .allMatch(i -> !one.get(i).isFixed()
                                || !other.get(i).isFixed()
                                || one.get(i).size() == other.get(i).size());
    }

    private Map<String, double[]> means(Network network, Map<String, Integer> axes) {
        return new ActivationMeans(network, axes, mask).measure(data, samples);
    }
}
