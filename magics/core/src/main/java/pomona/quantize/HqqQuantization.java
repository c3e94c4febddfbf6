package pomona.quantize;

import pomona.graph.Network;
import pomona.pass.LayerPattern;
import pomona.pass.Option;
import pomona.pass.Pass;

/**
 * Stores weights in blocks of integers whose scales and zero points are fitted to the weights; needs no data.
 *
 * <p>The fit makes a power of the error small by half-quadratic splitting; powers below 1, as the source has them, forgive
 * outliers, while small blocks come out better by the squared error. Zero points stay
 * integers, as kernels and the standard want them, so that the scale is fitted too, by least squares; the fit starts from
 * the whole range and from three narrower ones, and the best grid of all is taken.
 *
 * <p>Source: Badri and Shaji, Half-Quadratic Quantization of Large Machine Learning Models, 2023
 * (mobiusml.github.io/hqq_blog), equations 1 to 5.
 *
 * @param format the integers, their blocks and how they are stored
 * @param power the power of the error that is made small, above 0 up to 2; 2 is the squared error
 * @param rounds how often weights are rounded and fitted, at most; 1 or more
 * @param layers which layers, by weight or operator name: {@code *} and {@code ?} are wildcards, commas separate
 */
public record HqqQuantization(
        @Option("the integers, their blocks and how they are stored")
        BlockFormat format,

        @Option(value = "power of the error to make small, above 0 up to 2", defaultsTo = "2")
        double power,

        @Option(value = "how often weights are rounded and fitted, at most", defaultsTo = "20")
        int rounds,

        @Option(value = "weight or operator names, with * and ?, separated by commas", defaultsTo = "*")
        String layers)
        implements Pass {

    public HqqQuantization {
        if (format == null) {
            throw new IllegalArgumentException("Option format was not given; it is a BlockFormat.");
        }
        if (!(power > 0 && power <= 2)) {
            throw new IllegalArgumentException("Option power is " + power + ", but it must be above 0, up to 2.");
        }
        if (rounds < 1) {
            throw new IllegalArgumentException("Option rounds is " + rounds + ", but it must be 1 or more.");
        }
        new LayerPattern(layers);
    }

    /** Fits all layers by the squared error. */
    public HqqQuantization(BlockFormat format) {
        this(format, 2, 20, "*");
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
        BlockQuantizer quantizer = new BlockQuantizer(network, "half-quadratic quantization", format, layers);
        quantizer.round(quantizer.chosen(), new HalfQuadraticGrid(format, power, rounds));
        return quantizer;
    }
}
