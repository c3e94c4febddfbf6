package pomona.quantize;

import java.nio.FloatBuffer;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.pass.LayerPattern;
import pomona.pass.Option;
import pomona.pass.Pass;

/**
 * Lets the weights of a layer share few values: each becomes a small index into the layer's codebook, whose values
 * k-means finds; needs no data.
 *
 * <p>A codebook has 2 to the power of {@code bits} values. Where a layer has weights that are zero, zero is one of them,
 * or one more where zeros are not stored ({@link IndexLayout#GAPS}), and no other weight becomes zero: what pruning
 * removed stays removed. Activations stay floats. Indices and
 * codebooks are standard ONNX with standard operators that make the weights of the same names, which ONNX Runtime does
 * once, when it loads the network. The {@code .onnx.xz} file is the entropy-coded form. To train the codebooks, train the
 * result with {@link pomona.train.FineTuning} or {@link pomona.distill.SoftTargetDistillation}: the gradient of a shared
 * value is the sum of those of its weights. Needs operator set 13, which older ones are rewritten in.
 *
 * <p>A network of which some layers share their weights already may be given again, to share those of others: training in
 * between lets the weights that are still free make up for the error, as Zhou et al., Incremental Network Quantization, 2017
 * (arXiv 1702.03044), section 3, have it.
 *
 * <p>Source: Han et al., Deep Compression, 2016 (arXiv 1510.00149), section 3.
 *
 * @param bits how many bits an index takes, 1 to 8, for all layers or by layer
 * @param start where the centroids stand before k-means moves them
 * @param biases whether the biases of the chosen Gemm and Conv layers are shared too, all of them in one codebook, of as
 *     many bits as the largest of those layers' numbers: they are so few that a codebook each would be larger than they are
 * @param layout how the indices are stored
 * @param layers which layers, by weight or operator name: {@code *} and {@code ?} are wildcards, commas separate
 * @param seed the source of the choice that a random start makes
 */
public record WeightSharingQuantization(
        @Option(value = "bits of an index, 1 to 8: a number, or by layer such as conv*=8, fc*=5", defaultsTo = "4")
        LayerBits bits,

        @Option(value = "where centroids start: linear, random or density", defaultsTo = "linear")
        CentroidStart start,

        @Option(value = "whether biases are shared too", defaultsTo = "false")
        boolean biases,

        @Option(value = "how indices are stored: auto, bytes, packed or gaps", defaultsTo = "auto")
        IndexLayout layout,

        @Option(value = "weight or operator names, with * and ?, separated by commas", defaultsTo = "*")
        String layers,

        @Option(value = "source of a random start", defaultsTo = "0")
        long seed)
        implements Pass {

    public WeightSharingQuantization {
        if (bits == null) {
            throw new IllegalArgumentException("Option bits was not given; it is a number from 1 to 8.");
        }
        if (start == null) {
            throw new IllegalArgumentException("Option start was not given; it is linear, random or density.");
        }
        if (layout == null) {
            throw new IllegalArgumentException("Option layout was not given; it is auto, bytes, packed or gaps.");
        }
        new LayerPattern(layers);
    }

    /** Shares the weights of all layers, 1 to 8 bits each. */
    public WeightSharingQuantization(int bits) {
        this(LayerBits.of(bits));
    }

    /** Shares the weights of the layers that have a number of bits. */
    public WeightSharingQuantization(LayerBits bits) {
        this(bits, CentroidStart.LINEAR, false, IndexLayout.AUTO, "*", 0);
    }

    public WeightSharingQuantization withStart(CentroidStart newStart) {
        return new WeightSharingQuantization(bits, newStart, biases, layout, layers, seed);
    }

    public WeightSharingQuantization withBiases(boolean shared) {
        return new WeightSharingQuantization(bits, start, shared, layout, layers, seed);
    }

    public WeightSharingQuantization withLayout(IndexLayout newLayout) {
        return new WeightSharingQuantization(bits, start, biases, newLayout, layers, seed);
    }

    public WeightSharingQuantization withLayers(String pattern) {
        return new WeightSharingQuantization(bits, start, biases, layout, pattern, seed);
    }

    public WeightSharingQuantization withSeed(long newSeed) {
        return new WeightSharingQuantization(bits, start, biases, layout, layers, newSeed);
    }

    /** The step of provenance also names the layers that stayed float, and why. */
    @Override
    public Network apply(Network network) {
        return UntouchedLayers.of(layers).withStep(transform(network), step());
    }

    @Override
    public Network transform(Network network) {
        FloatLayers floats = FloatLayers.of(network, "weight sharing", layers);
        Map<String, Integer> bitsOf = bits.of(network.name(), floats.layers());
        return floats.withStored(storage -> store(floats, bitsOf, storage));
    }

    private void store(FloatLayers floats, Map<String, Integer> bitsOf, IndexStorage storage) {
        Map<String, Tensor> shared = new LinkedHashMap<>();
        int most = 1;
        for (LayerWeight layer : floats.layers()) {
            Integer wanted = bitsOf.get(layer.name());
            if (wanted == null) {
                continue;
            }
            IndexLayout chosen = layout.of(layer.tensor());
            storage.store(cluster(layer.name(), layer.tensor(), chosen, wanted), chosen);
            Tensor bias = biases ? floats.bias(layer) : null;
            if (bias != null) {
                shared.put(layer.node().input(2), bias);
                most = Math.max(most, wanted);
            }
        }
        if (!shared.isEmpty()) {
            Tensor line = line(shared.values());
            IndexLayout chosen = layout.of(line);
            storage.storeLine(cluster(storage.lineOf(shared), line, chosen, most), chosen, shared);
        }
    }

    private static Tensor line(Collection<Tensor> vectors) {
        FloatBuffer all = FloatBuffer.allocate(
                (int) vectors.stream().mapToLong(Tensor::size).sum());
        vectors.forEach(vector -> all.put(vector.toFloatArray()));
        return Tensor.ofFloats(all.array(), all.capacity());
    }

    private IndexedWeight cluster(String name, Tensor tensor, IndexLayout chosen, int wanted) {
        return IndexedWeight.cluster(name, tensor, chosen, wanted, start, seed);
    }
}
