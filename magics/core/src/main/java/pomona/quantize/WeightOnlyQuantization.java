package pomona.quantize;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import pomona.graph.Constants;
import pomona.graph.ElementType;
import pomona.graph.FreshNames;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.TensorStore;
import pomona.pass.LayerPattern;
import pomona.pass.Option;
import pomona.pass.Pass;
import pomona.simplify.OpsetUpgrade;

/**
 * Stores the weights of linear and convolutional layers, and the tables of embeddings, as integers of 8 or 4 bits,
 * rounded to the nearest; needs no data, and activations stay floats.
 *
 * <p>Without blocks each weight becomes signed bytes, symmetric about zero, with a scale for each output of the layer and
 * a DequantizeLinear operator that makes the weight of the same name; rows of tables are looked up as bytes. The file is
 * a quarter as large; a weight in a sum is off by half a step at most. With blocks, see {@link BlockFormat}, every few
 * weights of an output have their scale, and products run in ONNX Runtime's n-bit kernels; convolutions
 * stay as they are. Without blocks, ONNX Runtime 1.23 turns weights back into floats in each run, which is slower
 * than floats. Networks of any size: a weight is read and written in pieces, and results that are large beside the
 * heap go to a file (see {@link TensorStore}). Needs operator set 7, which is rewritten in 13, with blocks in 21.
 *
 * <p>Sources: ONNX operator specification (DequantizeLinear); Krishnamoorthi, Quantizing deep convolutional networks for
 * efficient inference, 2018 (arXiv 1806.08342), section 2; ONNX Runtime, contributed operators (MatMulNBits,
 * GatherBlockQuantized).
 *
 * @param bits the bits of a weight, 8 or 4; 4 take blocks
 * @param block how many weights along the inputs share a scale: 16, 32, 64, 128 or 256, or 0 for all of an output
 * @param symmetric whether zero is in the middle of the integers, or each block has a zero point
 * @param form how blocks are stored and run
 * @param ranges how the range of a block is chosen
 * @param perChannel without blocks: whether each output of a layer has its own scale, which is more exact, or all share
 *     one
 * @param embeddings whether the tables of Gather are quantized too
 * @param integerProducts whether kernels may round what they multiply with to 8 bits, which is faster
 * @param layers which layers, by weight or operator name: {@code *} and {@code ?} are wildcards, commas separate
 * @param int8Layers which of them keep 8 bits, in blocks, where the others get 4: the few that lose most; {@code -} is none
 */
public record WeightOnlyQuantization(
        @Option(value = "bits of a weight, 8 or 4; 4 take blocks", defaultsTo = "8")
        int bits,

        @Option(value = "weights that share a scale: 16 to 256, or 0 for all of an output", defaultsTo = "0")
        int block,

        @Option(value = "no zero points: the integers' middle is zero", defaultsTo = "true")
        boolean symmetric,

        @Option(
                value = "of blocks, kernel: ONNX Runtime's n-bit operators; standard: DequantizeLinear",
                defaultsTo = "kernel")
        WeightForm form,

        @Option(
                value = "of blocks, mse: the least squared error; min-max: cut no weight, which takes less time",
                defaultsTo = "mse")
        WeightRange ranges,

        @Option(value = "one scale for each output of a layer, not one for the layer", defaultsTo = "true")
        boolean perChannel,

        @Option(value = "the tables of Gather too", defaultsTo = "true")
        boolean embeddings,

        @Option(
                value = "let kernels of 4 bits round what they multiply with to 8 bits, which is faster",
                defaultsTo = "false")
        boolean integerProducts,

        @Option(value = "weight or operator names, with * and ?, separated by commas", defaultsTo = "*")
        String layers,

        @Option(value = "layers whose blocks keep 8 bits where the others get 4; - is none", defaultsTo = "-")
        String int8Layers)
        implements Pass {

    /** Matches no layer. */
    private static final String NONE = "-";

    /** The first operator set whose DequantizeLinear has an axis. */
    private static final long OPSET = 13;

    /** How often the grid of a block is fitted, at most. */
    private static final int ROUNDS = 20;

    public WeightOnlyQuantization {
        BlockFormat.checkBits(bits);
        if (ranges == null) {
            throw new IllegalArgumentException("Option ranges was not given; it is mse or min-max.");
        }
        if (!int8Layers.equals(NONE)) {
            refuse(bits == 8, "int8-layers", "4 bits, and bits is 8");
            new LayerPattern(int8Layers);
        }
        if (block != 0) {
            new BlockFormat(bits, block, symmetric, form, embeddings, integerProducts);
            refuse(!perChannel, "per-channel=false", "weights without blocks; block is " + block);
        } else {
            refuse(bits == 4, "bits 4", "blocks; give a block of 16, 32, 64, 128 or 256");
            refuse(!symmetric, "symmetric=false", "blocks; give a block of 16, 32, 64, 128 or 256");
            refuse(integerProducts, "integer-products", "blocks; give a block of 16, 32, 64, 128 or 256");
        }
        new LayerPattern(layers);
    }

    private static void refuse(boolean wrong, String option, String allowed) {
        if (wrong) {
            throw new IllegalArgumentException("Option " + option + " is for " + allowed + ".");
        }
    }

    /** Quantizes all layers to 8 bits, with a scale for each output. */
    public WeightOnlyQuantization() {
        this(true, "*");
    }

    /** Quantizes layers to 8 bits without blocks. */
    public WeightOnlyQuantization(boolean perChannel, String layers) {
        this(8, 0, true, WeightForm.KERNEL, WeightRange.MSE, perChannel, true, false, layers, NONE);
    }

    /** Quantizes all layers in symmetric blocks, for the kernels of ONNX Runtime. */
    public WeightOnlyQuantization(int bits, int block) {
        this(bits, block, true, WeightForm.KERNEL, WeightRange.MSE, true, true, false, "*", NONE);
    }

    /** Quantizes all layers in blocks of a format. */
    public WeightOnlyQuantization(BlockFormat format, WeightRange ranges) {
        this(format, ranges, "*");
    }

    /** Quantizes layers in blocks of a format. */
    public WeightOnlyQuantization(BlockFormat format, WeightRange ranges, String layers) {
        this(
                format.bits(),
                format.block(),
                format.symmetric(),
                format.form(),
                ranges,
                true,
                format.embeddings(),
                format.integerProducts(),
                layers,
                NONE);
    }

    @Override
    public Network transform(Network network) {
        Quantizable.check(network, "weight-only quantization");
        return beside(network);
    }

    /** The step of provenance also tells where whole blocks make weights larger, and which layers stayed float, and why. */
    @Override
    public Network apply(Network network) {
        Quantizable.check(network, "weight-only quantization");
        UntouchedLayers left = UntouchedLayers.of(layers);
        return block == 0
                ? left.withStep(withoutBlocks(network), step())
                : inBlocks(network).rewrite(step(), left);
    }

    /** Quantizes layers of floats in a network that may have quantized ones beside them. */
    Network beside(Network network) {
        return block == 0 ? withoutBlocks(network) : inBlocks(network).rewrite();
    }

    private BlockQuantizer inBlocks(Network network) {
        BlockFormat format = new BlockFormat(bits, block, symmetric, form, embeddings, integerProducts);
        BlockQuantizer quantizer =
                new BlockQuantizer(network, format, layers, int8Layers.equals(NONE) ? "" : int8Layers);
        NormalizedInputs inputs = new NormalizedInputs(quantizer.network());
        for (LayerWeight weight : quantizer.chosen()) {
            BlockFormat own = quantizer.store(weight).format();
            float[] importance = weight.node().is("Gather") ? null : inputs.meanSquares(weight);
            quantizer.round(
                    List.of(weight),
                    ranges == WeightRange.MIN_MAX
                            ? BlockGrid.range(own)
                            : new HalfQuadraticGrid(own, 2, ROUNDS, importance));
        }
        return quantizer;
    }

    private Network withoutBlocks(Network network) {
        Network plain = Constants.lift(network.opset() < OPSET ? new OpsetUpgrade(OPSET).transform(network) : network);
        List<LayerWeight> chosen = new LayerPattern(layers).select(network.name(), candidates(plain));
        TensorStore store = TensorStore.of(
                chosen.stream().mapToLong(weight -> weight.tensor().size()).sum());
        NetworkBuilder builder = plain.toBuilder();
        FreshNames names = new FreshNames(plain);
        BlockTargets targets = new BlockTargets(plain);
        List<Node> nodes = new ArrayList<>();
        DequantizedConstants constants = new DequantizedConstants(builder, names, nodes);
        Map<String, IntegerTable> tables = new LinkedHashMap<>();
        for (LayerWeight weight : chosen) {
            if (targets.isTable(weight)) {
                tables.put(weight.name(), IntegerTable.of(weight, perChannel, store, builder, names));
            } else {
                quantize(weight, store, builder, constants);
            }
        }
        for (Node node : plain.nodes()) {
            IntegerTable table = node.is("Gather") ? tables.get(node.input(0)) : null;
            nodes.addAll(table == null ? List.of(node) : table.lookUp(node, names));
        }
        return builder.nodes(nodes).build();
    }

    private List<LayerWeight> candidates(Network plain) {
        Map<String, LayerWeight> candidates = new LinkedHashMap<>();
        LayerWeight.of(plain).stream()
                .filter(weight -> weight.tensor().type() == ElementType.FLOAT)
                .forEach(weight -> candidates.put(weight.name(), weight));
        if (embeddings) {
            BlockTargets.tables(plain).forEach(table -> candidates.putIfAbsent(table.name(), table));
        }
        if (candidates.isEmpty()) {
            throw Quantizable.nothing(
                    plain,
                    "Network " + plain.name() + " has nothing to quantize; it would be the"
                            + " constant 32-bit floating-point weights of Gemm, MatMul or Conv operators"
                            + (embeddings ? ", or the tables of Gather." : ".")
                            + UntouchedLayers.sentence(plain));
        }
        return List.copyOf(candidates.values());
    }

    /** With zero points: without them ONNX Runtime 1.21 takes signed bytes for unsigned ones where a Transpose follows. */
    private void quantize(
            LayerWeight weight, TensorStore store, NetworkBuilder builder, DequantizedConstants constants) {
        int axis = perChannel ? weight.outputAxis() : -1;
        ChannelScales channels = ChannelScales.along(axis, weight.tensor());
        float[] scales = finiteScales(weight, channels);
        builder.removeWeight(weight.name());
        String bytes = constants.add(weight.name() + ".int8", channels.quantize(scales, store));
        constants.weight(weight.name(), bytes, ElementType.INT8, scales, axis, weight.name());
    }

    static float[] finiteScales(LayerWeight weight, ChannelScales channels) {
        float[] scales = channels.scales();
        for (float scale : scales) {
            if (!Float.isFinite(scale)) {
                throw Quantizable.infinite(weight);
            }
        }
        return scales;
    }
}
