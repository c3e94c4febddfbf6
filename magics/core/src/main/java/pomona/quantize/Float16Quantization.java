package pomona.quantize;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import pomona.djl.NetworkBlock;
import pomona.graph.Attribute;
import pomona.graph.Constants;
import pomona.graph.ElementType;
import pomona.graph.Graph;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Parameters;
import pomona.graph.Step;
import pomona.graph.Tensor;
import pomona.pass.NearestNames;
import pomona.pass.Option;
import pomona.pass.Pass;
import pomona.simplify.OpsetUpgrade;

/**
 * Stores weights as float16 and computes with 32-bit floats, or makes the whole network one of float16.
 *
 * <p>With weights only, the file is half as large, and the runtime turns the weights back when it loads the network. In a
 * whole network of float16 everything between inputs and outputs, which stay floats, is float16, but for the operators
 * that are kept: what they take is cast to floats and back. Operators with sub-graphs, those of other domains and those
 * that have no float16 form are always kept. Processors without float16 arithmetic cast for each operator: smaller, not
 * faster. Needs operator set 7, which is rewritten in 13.
 *
 * <p>Float16 ends at 65504. A weight with larger numbers is refused unless they may be clamped; single numbers, such as
 * the -3.4e38 that attention masks add, are always clamped, and so is the infinity of such masks. Weights inside If, Loop
 * and Scan stay floats, which the step of provenance says.
 *
 * <p>Source: ONNX operator specification (Cast); Micikevicius et al., Mixed Precision Training, 2018 (arXiv 1710.03740),
 * section 3.3, for what is kept.
 *
 * @param whole whether to compute in float16 too
 * @param keep the operators that stay in 32 bits in a whole network of float16, such as Softmax; for such a network only
 * @param clamp whether weights beyond 65504 become 65504
 */
public record Float16Quantization(
        @Option(value = "compute in float16 too, not only store weights so", defaultsTo = "false")
        boolean whole,

        @Option(
                value = "operators that stay in 32 bits, for a whole network of float16",
                defaultsTo =
                        "Softmax, LogSoftmax, Exp, Log, Pow, Sqrt, ReduceMean, ReduceSum, ReduceSumSquare, ReduceL2,"
                                + " LayerNormalization, InstanceNormalization, GroupNormalization, BatchNormalization,"
                                + " LpNormalization, CumSum")
        List<String> keep,

        @Option(value = "weights beyond 65504 become 65504", defaultsTo = "false")
        boolean clamp)
        implements Pass {

    /** The operators that stay in 32 bits when nothing else is said: those that sum up, or whose results grow fast. */
    public static final List<String> SENSITIVE = List.of(
            "Softmax",
            "LogSoftmax",
            "Exp",
            "Log",
            "Pow",
            "Sqrt",
            "ReduceMean",
            "ReduceSum",
            "ReduceSumSquare",
            "ReduceL2",
            "LayerNormalization",
            "InstanceNormalization",
            "GroupNormalization",
            "BatchNormalization",
            "LpNormalization",
            "CumSum");

    private static final long OPSET = 13;

    public Float16Quantization {
        if (keep == null) {
            throw new IllegalArgumentException("Option keep was not given; it is a list of operators, or empty.");
        }
        keep = List.copyOf(keep);
        if (!whole && !keep.isEmpty() && !keep.equals(SENSITIVE)) {
            throw new IllegalArgumentException("Option keep is for a whole network of float16, and whole is false.");
        }
    }

    /** Stores weights as float16. */
    public Float16Quantization() {
        this(false, SENSITIVE, false);
    }

    /** The step of provenance also names the layers that stayed float, and why, and numbers that float16 does not reach. */
    @Override
    public Network apply(Network network) {
        Network plain = plain(network);
        if (!whole) {
            return UntouchedLayers.insideOnly().withStep(stored(plain), step());
        }
        HalfRewriter rewriter = new HalfRewriter(plain, keep);
        Network made = rewriter.rewrite();
        Map<String, String> options = new LinkedHashMap<>(step().options());
        if (!rewriter.cut().isEmpty()) {
            options.put("caution", caution(rewriter.cut()));
        }
        return UntouchedLayers.insideOnly().withStep(made, new Step(step().name(), options));
    }

    private static String caution(List<String> cut) {
        return "float16 ends at 65504, and so do now: " + String.join(", ", cut)
                + "; option keep leaves operators in 32 bits";
    }

    @Override
    public Network transform(Network network) {
        Network plain = plain(network);
        return whole ? new HalfRewriter(plain, keep).rewrite() : stored(plain);
    }

    private static Network stored(Network plain) {
        return HalfWeights.store(plain, ElementType.FLOAT16);
    }

    /** The network with its constants as weights, if it can be stored in 16 bits. */
    private Network plain(Network network) {
        Quantizable.check(network, "float16");
        checkKept(network);
        Network plain = Constants.lift(network.opset() < OPSET ? new OpsetUpgrade(OPSET).transform(network) : network);
        HalfWeights.refuseStored(plain);
        FiniteWeights.check(plain);
        if (!clamp) {
            Parameters.of(plain).forEach(Float16Quantization::refuseLarge);
        }
        return plain;
    }

    /** Stores some weights as float16, in a network that may have quantized ones beside them. */
    static Network weights(Network network, Collection<String> names) {
        Network plain = Constants.lift(network.opset() < OPSET ? new OpsetUpgrade(OPSET).transform(network) : network);
        return HalfWeights.store(plain, ElementType.FLOAT16, names);
    }

    /** A name is that of an operator in the network; one that other networks have does nothing here. */
    private void checkKept(Network network) {
        Set<String> operators = new TreeSet<>();
        addOperators(network.graph(), operators);
        for (String name : keep) {
            if (!operators.contains(name) && !NetworkBlock.operators().contains(name) && !SENSITIVE.contains(name)) {
                throw new IllegalArgumentException("Option keep has " + name + ", but network " + network.name()
                        + " has no such operator" + NearestNames.suggest(name, operators));
            }
        }
    }

    private static void addOperators(Graph graph, Set<String> operators) {
        for (Node node : graph.nodes()) {
            operators.add(node.op());
            for (Attribute attribute : node.attributes().values()) {
                if (attribute instanceof Attribute.Subgraph inner) {
                    addOperators(inner.value(), operators);
                }
            }
        }
    }

    private static void refuseLarge(String name, Tensor weight) {
        boolean several = weight.type() == ElementType.FLOAT && weight.size() > 1;
        long large = several ? HalfTensors.beyondFloat16(weight) : 0;
        if (large > 0) {
            throw new IllegalArgumentException("Weight " + name + " has " + large + " of " + weight.size()
                    + " numbers beyond 65504, where float16 ends; option clamp makes them 65504.");
        }
    }
}
