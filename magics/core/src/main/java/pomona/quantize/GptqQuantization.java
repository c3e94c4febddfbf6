package pomona.quantize;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import pomona.calibrate.InputHessian;
import pomona.calibrate.LayerHessians;
import pomona.evaluate.MeasuredRecords;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.pass.LayerPattern;
import pomona.pass.Option;
import pomona.pass.Pass;

/**
 * Stores weights in blocks of integers, rounded so that each layer's outputs on some data stay as close as they can.
 * Needs unlabelled data and no training.
 *
 * <p>The columns of a weight are rounded one after the other; those that are not rounded yet make up for the error, by
 * the Hessian of the layer's inputs. Layers are solved in the order of the network, in groups whose Hessians fit into
 * memory together; a group sees what the layers before its own have become. Hessians are gathered batch by batch. A weight
 * that several layers share is solved once, by the sum of their Hessians; its blocks run along what the first of them
 * contracts, and of layers that take it transposed only the mean square of what they are fed counts, see {@link
 * pomona.calibrate.WeightInputs}. Tables of Gather, which have no such inputs, are rounded to the nearest, also where a
 * product takes them too: what makes up for errors in the product's outputs would make looked-up rows worse.
 *
 * <p>Source: Frantar et al., GPTQ: Accurate Post-Training Quantization for Generative Pre-trained Transformers, 2022
 * (arXiv 2210.17323), Algorithm 1; the order by activations is that of the authors' code, with the grids of all blocks
 * chosen beforehand.
 *
 * @param format the integers, their blocks and how they are stored
 * @param data records of one array for each input of the network; labels are not looked at
 * @param records how many records to look at, at most; 1 or more
 * @param dampening what is added to the Hessian's diagonal, as a share of its mean; above 0
 * @param actOrder whether the columns whose inputs are largest are rounded first
 * @param fit whether the scale of a block is fitted to its weights by least squares, or holds their whole range
 * @param layers which layers, by weight or operator name: {@code *} and {@code ?} are wildcards, commas separate
 * @param mask the input that is 0 where records are padded, which is then not measured; none when empty
 */
public record GptqQuantization(
        @Option("the integers, their blocks and how they are stored")
        BlockFormat format,

        @Option("data to measure what layers take") RandomAccessDataset data,

        @Option(value = "how many records to look at, 1 or more", defaultsTo = "128")
        int records,

        @Option(value = "what is added to the Hessian's diagonal, as a share of its mean", defaultsTo = "0.01")
        double dampening,

        @Option(value = "the columns with the largest inputs first", defaultsTo = "true")
        boolean actOrder,

        @Option(value = "scales fitted by least squares, not to the whole range", defaultsTo = "true")
        boolean fit,

        @Option(value = "weight or operator names, with * and ?, separated by commas", defaultsTo = "*")
        String layers,

        @Option(value = "the input that is 0 where records are padded, such as attention_mask", defaultsTo = "")
        String mask)
        implements Pass {

    private static final int ROUNDS = 20;

    public GptqQuantization {
        if (format == null) {
            throw new IllegalArgumentException("Option format was not given; it is a BlockFormat.");
        }
        if (data == null) {
            throw new IllegalArgumentException("GPTQ measures what layers take on data; none was given (option data).");
        }
        if (records < 1) {
            throw new IllegalArgumentException("Option records is " + records + ", but it must be 1 or more.");
        }
        if (!(dampening > 0 && dampening < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("Option dampening is " + dampening + ", but it must be above 0.");
        }
        new LayerPattern(layers);
        mask = mask == null ? "" : mask.strip();
    }

    /** Rounds by whole records. */
    public GptqQuantization(
            BlockFormat format,
            RandomAccessDataset data,
            int records,
            double dampening,
            boolean actOrder,
            boolean fit,
            String layers) {
        this(format, data, records, dampening, actOrder, fit, layers, "");
    }

    /** Rounds all layers by 128 records, the columns with the largest inputs first, with fitted scales. */
    public GptqQuantization(BlockFormat format, RandomAccessDataset data) {
        this(format, data, 128, 0.01, true, true, "*");
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
        BlockQuantizer quantizer = new BlockQuantizer(network, "GPTQ", format, layers);
        Set<String> tables = BlockTargets.tables(quantizer.network()).stream()
                .map(LayerWeight::name)
                .collect(Collectors.toSet());
        Map<Boolean, List<LayerWeight>> lookedUp = quantizer.chosen().stream()
                .collect(Collectors.partitioningBy(weight -> tables.contains(weight.name())));
        List<LayerWeight> solved = lookedUp.get(false);
        quantizer.round(lookedUp.get(true), choice());
        solved.forEach(Quantizable::refuseInfinite);
        new LayerHessians(new MeasuredRecords(data, records, mask), "measure activations")
                .solve(
                        quantizer.network(),
                        solved,
                        (layer, hessians) -> solve(layer, hessians[0], quantizer.store(layer)));
        return quantizer;
    }

    private BlockGrid.Choice choice() {
        return fit ? new HalfQuadraticGrid(format, 2, ROUNDS) : BlockGrid.range(format);
    }

    /** Stores the integers of a layer, and gives what they stand for. */
    private Tensor solve(LayerWeight layer, InputHessian hessian, BlockStore store) {
        WeightMatrix matrix = store.matrix();
        float[] weights = new float[Math.multiplyExact(matrix.rows(), matrix.columns())];
        matrix.read(0, matrix.rows(), weights);
        BlockCodes codes = new BlockCodes(matrix.rows(), matrix.columns(), format);
        new GptqSolver(layer, hessian.matrix(), dampening, actOrder, choice()).solve(weights, codes);
        store.put(0, codes);
        return Tensor.ofFloats(matrix.stored(weights), layer.tensor().shape());
    }
}
