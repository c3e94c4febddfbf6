package pomona.djl;

import static pomona.djl.Operator.of;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import java.util.Map;
import pomona.graph.Node;

/** Attention, and the rotation of positions into queries and keys. */
final class AttentionOps {

    private static final int MASK = 3;
    private static final int PAST = 4;
    private static final int LENGTHS = 6;

    private AttentionOps() {}

    static void addTo(Map<String, Operator> operators) {
        operators.put("Attention", AttentionOps::attention);
        operators.put("RotaryEmbedding", of(AttentionOps::rotate));
    }

    /** Scaled dot products of queries and keys weigh the values (Vaswani et al. 2017, section 3.2.1). */
    private static NDList attention(Call call) {
        Node node = call.node();
        boolean flat = call.rank(0) == 3;
        StringBuilder text = new StringBuilder();
        text.append(heads("q", 0, flat, node.integer("q_num_heads", 1)));
        text.append(heads("k", 1, flat, node.integer("kv_num_heads", 1)));
        text.append(heads("v", 2, flat, node.integer("kv_num_heads", 1)));
        if (call.has(PAST)) {
            text.append("k = torch.cat([{4}, k], 2)\nv = torch.cat([{5}, v], 2)\n");
        }
        text.append("pastk = k\npastv = v\n");
        text.append("if k.size(1) != q.size(1):\n  n = q.size(1) // k.size(1)\n");
        text.append("  k = torch.repeat_interleave(k, n, 1)\n  v = torch.repeat_interleave(v, n, 1)\n");
        boolean biased = bias(call, text);
        double scale = node.real("scale", (float) 0);
        boolean scaled = node.attributes().containsKey("scale");
        text.append("s = ")
                .append(scaled ? Double.toString(scale) : "float(q.size(3)) ** -0.5")
                .append('\n');
        boolean plain = !biased && !call.wants(3) && node.real("softcap", 0) == 0;
        if (plain && !node.attributes().containsKey("softmax_precision")) {
            text.append("y = torch.scaled_dot_product_attention(q, k, v, None, 0., False, scale=s)\nqk = y\n");
        } else {
            scores(node, biased, text);
        }
        text.append(flat ? "y = torch.flatten(torch.transpose(y, 1, 2), 2)\n" : "");
        return call.torchAll(text + "return [y, pastk, pastv, qk]");
    }

    private static String heads(String name, int input, boolean flat, long heads) {
        if (!flat) {
            return name + " = {" + input + "}\n";
        }
        return "X = torch.transpose(torch.reshape({I}, [{I}.size(0), {I}.size(1), N, -1]), 1, 2)\n"
                .replace("X", name)
                .replace("I", Integer.toString(input))
                .replace("N", Long.toString(heads));
    }

    /** What is added to the scores: minus infinity where a query must not look. */
    private static boolean bias(Call call, StringBuilder text) {
        Node node = call.node();
        boolean causal = node.integer("is_causal", 0) != 0;
        long left = node.integer("left_window_size", -1);
        long right = node.integer("right_window_size", -1);
        text.append("bias = torch.zeros([q.size(2), k.size(2)], dtype=q.dtype)\n");
        if (call.has(MASK)) {
            boolean flags = call.in(MASK).getDataType() == DataType.BOOLEAN;
            text.append(flags ? "m = " + forbidden("torch.logical_not({3})") : "m = {3}\n");
            text.append("m = torch.constant_pad_nd(m, [0, k.size(2) - m.size(-1)], float(\"-inf\"))\n");
            text.append("bias = bias + m\n");
        }
        if (causal || left >= 0 || right >= 0) {
            text.append("cols = torch.arange(k.size(2)).reshape([1, -1])\n");
            text.append("rows = torch.arange(q.size(2)).reshape([-1, 1])\n");
            if (call.has(LENGTHS)) {
                text.append("rows = rows + ({6} - q.size(2)).reshape([-1, 1, 1, 1])\n");
            } else if (call.has(PAST)) {
                text.append("rows = rows + {4}.size(2)\n");
            }
            text.append(causal ? "bias = bias + " + forbidden("torch.gt(cols, rows)") : "");
            text.append(left >= 0 ? "bias = bias + " + forbidden("torch.lt(cols, rows - " + left + ")") : "");
            text.append(right >= 0 ? "bias = bias + " + forbidden("torch.gt(cols, rows + " + right + ")") : "");
        }
        if (call.has(LENGTHS)) {
            text.append("cells = torch.arange(k.size(2)).reshape([1, 1, 1, -1])\n");
            text.append("bias = bias + ").append(forbidden("torch.ge(cells, {6}.reshape([-1, 1, 1, 1]))"));
        }
        return causal || left >= 0 || right >= 0 || call.has(MASK) || call.has(LENGTHS);
    }

    private static String forbidden(String flags) {
        return "torch.zeros_like(" + flags + ", dtype=q.dtype).masked_fill(" + flags + ", float(\"-inf\"))\n";
    }

    /** A query that may look nowhere gets zeros. */
    private static void scores(Node node, boolean biased, StringBuilder text) {
        float cap = node.real("softcap", 0);
        long mode = node.integer("qk_matmul_output_mode", 0);
        text.append("root = s ** 0.5\nqk = torch.matmul(q * root, torch.transpose(k * root, -2, -1))\n");
        text.append(cap > 0 ? "qk = torch.tanh(qk / " + cap + ") * " + cap + "\n" : "");
        text.append("z = qk\n");
        if (biased) {
            text.append("z = z + bias\n").append(mode == 2 ? "qk = z\n" : "");
            text.append("dead = torch.isneginf(torch.amax(bias, [-1], True))\nz = z.masked_fill(dead, 0)\n");
        }
        text.append("p = torch.softmax(z, -1, ").append(precision(node)).append(").to(q.dtype)\n");
        text.append(biased ? "p = p.masked_fill(dead, 0)\n" : "").append(mode == 3 ? "qk = p\n" : "");
        text.append("y = torch.matmul(p, v)\n");
    }

    /** The engine's number of the type in which the softmax is computed. */
    private static String precision(Node node) {
        return switch ((int) node.integer("softmax_precision", 0)) {
            case 1 -> "6";
            case 10 -> "5";
            case 11 -> "7";
            case 16 -> "15";
            default -> "None";
        };
    }

    /** Turns pairs of elements by the angles of their positions (Su et al. 2021, section 3.2). */
    private static NDArray rotate(Call call) {
        Node node = call.node();
        boolean flat = call.rank(0) == 3;
        long part = node.integer("rotary_embedding_dim", 0);
        boolean interleaved = node.integer("interleaved", 0) != 0;
        StringBuilder text = new StringBuilder();
        text.append(
                flat
                        ? "x = torch.reshape({0}, [{0}.size(0), {0}.size(1), " + node.integer("num_heads", 1)
                                + ", -1])\n"
                        : "x = torch.transpose({0}, 1, 2)\n");
        text.append("n = ").append(part > 0 ? Long.toString(part) : "x.size(3)").append('\n');
        text.append("turned = torch.narrow(x, 3, 0, n)\nrest = torch.narrow(x, 3, n, x.size(3) - n)\n");
        String angles = call.has(3) ? "torch.embedding(#, {3})" : "#";
        text.append("cos = torch.unsqueeze(").append(angles.replace("#", "{1}")).append(", 2)\n");
        text.append("sin = torch.unsqueeze(").append(angles.replace("#", "{2}")).append(", 2)\n");
        text.append(
                interleaved
                        ? "pairs = torch.reshape(turned, [x.size(0), x.size(1), x.size(2), -1, 2])\n"
                                + "a = torch.select(pairs, 4, 0)\nb = torch.select(pairs, 4, 1)\n"
                        : "h = torch.chunk(turned, 2, 3)\na = h[0]\nb = h[1]\n");
        text.append("real = cos * a - sin * b\nimag = sin * a + cos * b\n");
        text.append(
                interleaved
                        ? "y = torch.flatten(torch.stack([real, imag], 4), 3)\n"
                        : "y = torch.cat([real, imag], 3)\n");
        text.append("y = torch.cat([y, rest], 3)\n");
        text.append(flat ? "return torch.flatten(y, 2)" : "return torch.transpose(y, 1, 2)");
        return call.torch(text.toString());
    }
}
