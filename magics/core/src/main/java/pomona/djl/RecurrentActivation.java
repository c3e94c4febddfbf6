package pomona.djl;

import java.util.Locale;
import pomona.graph.Attribute;
import pomona.graph.Node;

/** The activation functions that ONNX's recurrent layers name, as TorchScript. */
final class RecurrentActivation {

    private RecurrentActivation() {}

    /**
     * The text of a function, with # for what it is applied to.
     *
     * @param at its place in the layer's lists of parameters
     */
    static String text(String name, Node node, int at) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "sigmoid" -> "torch.sigmoid(#)";
            case "tanh" -> "torch.tanh(#)";
            case "relu" -> "torch.relu(#)";
            case "softsign" -> "(# / (1 + torch.abs(#)))";
            case "softplus" -> "torch.softplus(#)";
            case "affine" -> "(" + alpha(node, at, 1) + " * (#) + " + beta(node, at, 0) + ")";
            case "leakyrelu" -> "torch.leaky_relu(#, " + alpha(node, at, 0.01f) + ")";
            case "thresholdedrelu" -> "torch.threshold(#, " + alpha(node, at, 1) + ", 0.)";
            case "scaledtanh" -> "(" + alpha(node, at, 1) + " * torch.tanh(" + beta(node, at, 1) + " * (#)))";
            case "hardsigmoid" ->
                "torch.clamp(" + alpha(node, at, 0.2f) + " * (#) + " + beta(node, at, 0.5f) + ", 0., 1.)";
            case "elu" -> "torch.elu(#, " + alpha(node, at, 1) + ")";
            default -> throw new UnsupportedOperationException("activation " + name + " is not known");
        };
    }

    /** Puts a function's text where a step calls it by a short name. */
    static String applied(String step, String name, String function) {
        StringBuilder result = new StringBuilder(step);
        for (int at = result.indexOf(name + "("); at >= 0; at = result.indexOf(name + "(", at)) {
            int begin = at + name.length() + 1;
            int end = begin;
            for (int open = 1; open > 0; end++) {
                open += result.charAt(end) == '(' ? 1 : result.charAt(end) == ')' ? -1 : 0;
            }
            result.replace(at, end, function.replace("#", result.substring(begin, end - 1)));
        }
        return result.toString();
    }

    private static float alpha(Node node, int at, float otherwise) {
        return parameter(node, "activation_alpha", at, otherwise);
    }

    private static float beta(Node node, int at, float otherwise) {
        return parameter(node, "activation_beta", at, otherwise);
    }

    private static float parameter(Node node, String name, int at, float otherwise) {
        return node.attributes().get(name) instanceof Attribute.Reals reals
                        && at < reals.values().size()
                ? reals.values().get(at)
                : otherwise;
    }
}
