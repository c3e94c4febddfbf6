package pomona.quantize;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.List;
import java.util.Map;
import pomona.graph.Constants;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.pass.LayerPattern;
import pomona.pass.Option;
import pomona.pass.Pass;
import pomona.pass.Progress;
import pomona.simplify.ConstantFolding;
import pomona.simplify.IdentityFolding;
import pomona.simplify.OpsetUpgrade;

/**
 * Stores weights in blocks of integers after the weights that meet large inputs were made larger, and their inputs smaller
 * by as much, so that rounding does less to what matters. Needs unlabelled data and no training.
 *
 * <p>Input channel j of the layers that share an input is divided by s = m_j^alpha, where m_j is the mean magnitude of the
 * channel on the data; alpha is searched from 0 to 1 for the least squared error of the layers' outputs, on 64 outputs of
 * each. The division goes where that of {@link SmoothQuant} goes. Then the range of each block is narrowed to as little as
 * its half, by the squared error of what the block adds to the outputs. A weight that several layers share can not be
 * scaled for one of them alone: it is only narrowed, by what all of them are fed, see {@link
 * pomona.calibrate.WeightInputs}. Tables of Gather, which have no such inputs, are rounded to the nearest on fitted grids.
 *
 * <p>Source: Lin et al., AWQ: Activation-aware Weight Quantization for LLM Compression and Acceleration, 2023 (arXiv
 * 2306.00978), section 3.2, equations 4 and 5; the narrowing is that of the authors' code.
 *
 * @param format the integers, their blocks and how they are stored
 * @param data records of one array for each input of the network; labels are not looked at
 * @param records how many records to look at, at most; 1 or more
 * @param grid how many values of alpha to try, from 0 on; 1 to 100
 * @param clip whether ranges are narrowed
 * @param insert whether to add an operator Mul where no weight can take the division and it takes 2 % or more of the error
 *     away
 * @param layers which layers, by weight or operator name: {@code *} and {@code ?} are wildcards, commas separate
 * @param mask the input that is 0 where records are padded, which is then not measured; none when empty
 */
public record AwqQuantization(
        @Option("the integers, their blocks and how they are stored")
        BlockFormat format,

        @Option("data to measure what layers take") RandomAccessDataset data,

        @Option(value = "how many records to look at, 1 or more", defaultsTo = "128")
        int records,

        @Option(value = "how many powers of the inputs' magnitudes to try, 1 to 100", defaultsTo = "20")
        int grid,

        @Option(value = "narrow the range of a block where that is closer", defaultsTo = "true")
        boolean clip,

        @Option(value = "whether to add a Mul where no weight can take the division", defaultsTo = "true")
        boolean insert,

        @Option(value = "weight or operator names, with * and ?, separated by commas", defaultsTo = "*")
        String layers,

        @Option(value = "the input that is 0 where records are padded, such as attention_mask", defaultsTo = "")
        String mask)
        implements Pass {

    private static final int ROUNDS = 20;

    public AwqQuantization {
        if (format == null) {
            throw new IllegalArgumentException("Option format was not given; it is a BlockFormat.");
        }
        if (data == null) {
            throw new IllegalArgumentException("AWQ measures what layers take on data; none was given (option data).");
        }
        if (records < 1) {
            throw new IllegalArgumentException("Option records is " + records + ", but it must be 1 or more.");
        }
        if (grid < 1 || grid > 100) {
            throw new IllegalArgumentException("Option grid is " + grid + ", but it must be 1 to 100.");
        }
        new LayerPattern(layers);
        mask = mask == null ? "" : mask.strip();
    }

    /** Scales and narrows by whole records. */
    public AwqQuantization(
            BlockFormat format,
            RandomAccessDataset data,
            int records,
            int grid,
            boolean clip,
            boolean insert,
            String layers) {
        this(format, data, records, grid, clip, insert, layers, "");
    }

    /** Scales and narrows all layers by 128 records. */
    public AwqQuantization(BlockFormat format, RandomAccessDataset data) {
        this(format, data, 128, 20, true, true, "*");
    }

    @Override
    public Network transform(Network network) {
        return quantizer(network).rewrite();
    }

    /** The step of provenance also tells where whole blocks make weights larger, and which layers stayed float, and why. */
    @Override
    public Network apply(Network network) {
        return quantizer(network).rewrite(step(), UntouchedLayers.of(layers));
    }

    private BlockQuantizer quantizer(Network network) {
        SalientScaling.Scaled scaled = scaled(network);
        BlockQuantizer quantizer = new BlockQuantizer(scaled.network(), "AWQ", format, layers);
        List<LayerWeight> chosen = quantizer.chosen();
        try (Progress progress = Progress.start("round layers of " + network.name(), chosen.size())) {
            for (LayerWeight weight : chosen) {
                quantizer.round(List.of(weight), choice(weight, scaled.inputs()));
                progress.advance(1, weight.layer());
            }
        }
        return quantizer;
    }

    private BlockGrid.Choice choice(LayerWeight weight, Map<String, BlockHessians> inputs) {
        if (weight.node().is("Gather")) {
            return new HalfQuadraticGrid(format, 2, ROUNDS);
        }
        return clip ? new NarrowedGrid(format, inputs.get(weight.node().output())) : BlockGrid.range(format);
    }

    /** The network of floats with the same outputs that is rounded then. */
    SalientScaling.Scaled scaled(Network network) {
        Quantizable.check(network, "AWQ");
        long opset = Math.max(network.opset(), BlockQuantizer.OPSET);
        Network upgraded = network.opset() == opset ? network : new OpsetUpgrade(opset).transform(network);
        Network folded = new IdentityFolding().transform(new ConstantFolding().transform(Constants.lift(upgraded)));
        List<LayerWeight> products = new BlockTargets(folded)
                .choose(layers, format.embeddings()).stream()
                        .filter(weight -> !weight.node().is("Gather"))
                        .toList();
        products.forEach(Quantizable::refuseInfinite);
        return new SalientScaling(folded, this).scaled(products);
    }
}
