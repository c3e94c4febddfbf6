package pomona.quantize;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.List;
import java.util.Map;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Step;
import pomona.pass.LayerPattern;
import pomona.pass.Option;
import pomona.pass.Pass;
import pomona.simplify.BatchNormFolding;
import pomona.simplify.ConstantFolding;
import pomona.simplify.DeadNodeElimination;
import pomona.simplify.IdentityFolding;
import pomona.simplify.OpsetUpgrade;

/**
 * Turns weights and activations of convolutions and linear layers into 8-bit integers, with ranges of activations measured
 * beforehand on data.
 *
 * <p>The result is in QDQ form (QuantizeLinear and DequantizeLinear around float operators), which ONNX Runtime fuses into
 * integer kernels: unsigned activations with a zero point, signed symmetric weights, 32-bit biases. Batch normalizations
 * are folded first. Activations stream batch by batch and are never held together. Needs operator set 10; with a scale
 * for each channel, networks older than 13 are rewritten in 13. Sources: Jacob et al., Quantization and Training of Neural Networks for Efficient
 * Integer-Arithmetic-Only Inference, 2018 (arXiv 1712.05877), section 2; Krishnamoorthi, 2018 (arXiv 1806.08342),
 * section 3.
 *
 * @param data records like those the network will see; labels are not looked at
 * @param samples how many of its first records to measure on, 1 or more
 * @param calibration how ranges are taken from what was measured
 * @param percentile how many of a hundred values a range holds, over 50 up to 100; only for {@code PERCENTILE}
 * @param perChannel whether each output of a layer has its own scale, which is more exact, or all share one
 * @param reducedRange whether weights use 7 bits, for processors that clip products of bytes
 * @param layers which layers, by weight or operator name: {@code *} and {@code ?} are wildcards, commas separate
 */
public record StaticQuantization(
        @Option("records like those the network will see") RandomAccessDataset data,

        @Option(value = "how many of the first records to measure on", defaultsTo = "512")
        int samples,

        @Option(value = "min-max, or percentile, which cuts outliers", defaultsTo = "min-max")
        Calibration calibration,

        @Option(value = "how many of 100 values a range holds, for percentile", defaultsTo = "99.99")
        double percentile,

        @Option(value = "one scale for each output of a layer, not one for the layer", defaultsTo = "true")
        boolean perChannel,

        @Option(value = "7-bit weights: on, off, or auto (when this processor needs it)", defaultsTo = "auto")
        ReducedRange reducedRange,

        @Option(value = "weight or operator names, with * and ?, separated by commas", defaultsTo = "*")
        String layers)
        implements Pass {

    public StaticQuantization {
        if (data == null) {
            throw new IllegalArgumentException(
                    "Option data was not given; it is a data set to measure activations on.");
        }
        if (samples < 1) {
            throw new IllegalArgumentException("Option samples is " + samples + ", but it must be 1 or more.");
        }
        if (calibration == null) {
            throw new IllegalArgumentException("Option calibration was not given; it is min-max or percentile.");
        }
        if (!(percentile > 50 && percentile <= 100)) {
            throw new IllegalArgumentException(
                    "Percentile " + percentile + " is out of range; it is more than 50, up to 100.");
        }
        if (reducedRange == null) {
            throw new IllegalArgumentException("Option reduced-range was not given; it is auto, on or off.");
        }
        new LayerPattern(layers);
    }

    /** Quantizes all layers, measured on the first records, with a scale for each output. */
    public StaticQuantization(RandomAccessDataset data, int samples) {
        this(data, samples, Calibration.MIN_MAX, 99.99, true, ReducedRange.AUTO, "*");
    }

    /** Quantizes all layers, measured on the first 512 records, with a scale for each output. */
    public StaticQuantization(RandomAccessDataset data) {
        this(data, 512);
    }

    @Override
    public Network transform(Network network) {
        Quantizable.check(network, "static quantization");
        Network upgraded = perChannel || network.opset() < 10 ? new OpsetUpgrade(13).transform(network) : network;
        Network constant = new IdentityFolding().transform(new ConstantFolding().transform(upgraded));
        Network plain = new BatchNormFolding().transform(constant);
        List<LayerWeight> chosen = Quantizable.layers(plain, layers, "Conv", "Gemm", "MatMul");
        QdqPlan plan = QdqPlan.of(plain, chosen);
        Map<String, ActivationRange> ranges =
                new Calibrator(plain, plan.measured(), calibration, percentile).run(data, samples);
        QdqRewriter rewriter = new QdqRewriter(plain, plan, ranges, perChannel, reducedRange.largest());
        return new DeadNodeElimination().transform(rewriter.rewrite());
    }

    /** The step names the range that was used, since {@code auto} means another one on another machine. */
    @Override
    public Step step() {
        return reducedRange.namedIn(Pass.super.step());
    }
}
