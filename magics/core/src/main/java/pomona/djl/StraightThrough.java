package pomona.djl;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import pomona.graph.Attribute;
import pomona.graph.Node;

/**
 * Operators that only training knows: they choose or round on the way forward, and let gradients pass on the way back as
 * if they had not. Networks with them run as a {@link NetworkBlock} and nowhere else; whoever puts them in takes them out.
 * Source of the estimator: Bengio, Leonard and Courville, Estimating or Propagating Gradients Through Stochastic Neurons,
 * 2013 (arXiv 1308.3432), section 4.
 */
public final class StraightThrough {

    static final String DOMAIN = "pomona.training";

    /** Elements that are zero already are the first to go. */
    private static final String TOP = """
            none = {1}.detach().masked_fill({0}.detach().flatten() == 0, {})
            least = torch.kthvalue(none, int({2}) + 1)[0]
            mask = (none >= least).to({1}.dtype) + ({1} - {1}.detach())
            return {0} * mask.view_as({0})
            """;

    /**
     * The step's gradient is scaled by one over the root of what shares it times the largest level. What is added and
     * taken away again is exactly zero, so that the numbers are those of quantization.
     */
    private static final String QUANTIZE = """
            positive = torch.clamp(torch.abs({1}), min={})
            plain = positive.detach()
            shared = torch.tensor(float((SHARED) * {}))
            step = (plain + (positive - plain) / torch.sqrt(shared)).reshape({})
            place = torch.clamp({0} / step, {}, {})
            still = place.detach()
            return (torch.round(still) + (place - still)) * step
            """;

    /** Steps do not get smaller than this, whichever way they are learned. */
    public static final float SMALLEST_STEP = 1e-9f;

    private static final Map<String, Operator> OPERATORS = Map.of(
            "Top", Operator.of(c -> c.torch(TOP, Double.NEGATIVE_INFINITY)),
            "Quantize", Operator.of(StraightThrough::quantize));

    private StraightThrough() {}

    /**
     * A weight with zeros wherever its scores are not among the largest. The gradient of a score is that of the product,
     * times the weight: what is removed still learns whether it should come back.
     *
     * @param weight the weight, of any shape
     * @param scores how much each element matters: a vector of as many elements
     * @param removed how many elements go: an integer constant without dimensions, less than all elements
     */
    public static Node top(String weight, String scores, String removed, String output) {
        return Node.of("Top", output, List.of(weight, scores, removed), output).inDomain(DOMAIN);
    }

    /**
     * A value on a lattice: {@code step * round(clip(x / step, low, high))}, halves to the even level. The gradient of the
     * value passes where nothing is clipped; that of a step is that of Esser et al., Learned Step Size Quantization, 2020
     * (arXiv 1902.08153), equation 3, times {@code 1 / sqrt(N high)} (section 2.2), where N is how many elements share the
     * step. A step is learned by its magnitude, which is {@link #SMALLEST_STEP} at least.
     *
     * @param value the value
     * @param step the steps: a vector of one element, or of one for each index along the axis
     * @param low the lowest level, 0 or less
     * @param high the highest level, 1 or more
     * @param axis the dimension that steps are along, or -1 for one step
     * @param records whether the value's first dimension counts records, which do not count for N
     */
    public static Node quantize(
            String value, String step, int low, int high, int axis, boolean records, String output) {
        return Node.of("Quantize", output, List.of(value, step), output)
                .inDomain(DOMAIN)
                .with("low", Attribute.of(low))
                .with("high", Attribute.of(high))
                .with("axis", Attribute.of(axis))
                .with("records", Attribute.of(records ? 1 : 0));
    }

    /** Whether a node is one that {@link #quantize} made. */
    public static boolean isQuantize(Node node) {
        return node.domain().equals(DOMAIN) && node.op().equals("Quantize");
    }

    private static NDArray quantize(Call call) {
        Node node = call.node();
        int axis = (int) node.integer("axis", -1);
        long[] along = axis < 0 ? new long[] {1} : new long[call.rank(0)];
        Arrays.fill(along, 1);
        along[Math.max(0, axis)] = -1;
        // Sizes of batches change from call to call, and would each be another text.
        long high = node.integer("high", 1);
        boolean records = node.integer("records", 0) != 0;
        String text = QUANTIZE.replace("SHARED", records ? "{0}.numel() // {0}.size(0)" : "{0}.numel() // {1}.numel()");
        return call.torch(text, SMALLEST_STEP, high, along, node.integer("low", 0), high);
    }

    static Operator operator(Node node) {
        return OPERATORS.get(node.op());
    }
}
