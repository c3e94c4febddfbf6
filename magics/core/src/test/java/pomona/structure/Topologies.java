package pomona.structure;

import java.util.ArrayList;
import java.util.List;
import pomona.Networks;
import pomona.graph.Attribute;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Tensor;

/** Networks of every way in which channels hang together; each has random weights, the same every time. */
public final class Topologies {

    private final NetworkBuilder builder;
    private int seed = 1;

    private Topologies(String name, Object... input) {
        builder = Network.builder(name).input("x", input);
    }

    private String weight(String name, long... shape) {
        int fanIn = 1;
        for (int i = 1; i < shape.length; i++) {
            fanIn *= (int) shape[i];
        }
        builder.weight(name, Networks.random(seed++, Math.max(2, fanIn), shape));
        return name;
    }

    private String add(Node node) {
        builder.node(node);
        return node.output();
    }

    private String op(String op, String name, String... inputs) {
        return add(Node.of(op, name, List.of(inputs), name + ".out"));
    }

    private String conv(String name, String input, int out, int in, int kernel, int group) {
        int pad = kernel / 2;
        return add(Node.of(
                        "Conv",
                        name,
                        List.of(input, weight(name + ".w", out, in / group, kernel, kernel), weight(name + ".b", out)),
                        name + ".out")
                .with("pads", Attribute.ofInts(pad, pad, pad, pad))
                .with("group", Attribute.of((long) group)));
    }

    private String norm(String name, String input, int channels) {
        Networks.batchNorm(builder, name, channels);
        return op(
                "BatchNormalization",
                name,
                input,
                name + ".scale",
                name + ".shift",
                name + ".mean",
                name + ".variance");
    }

    private String linear(String name, String input, int in, int out) {
        return add(Node.of(
                        "Gemm",
                        name,
                        List.of(input, weight(name + ".w", out, in), weight(name + ".b", out)),
                        name + ".out")
                .with("transB", Attribute.of(1)));
    }

    private String matMulAdd(String name, String input, int in, int out) {
        String product = op("MatMul", name, input, weight(name + ".w", in, out));
        return op("Add", name + ".add", product, weight(name + ".b", out));
    }

    private String head(String input, int channels) {
        return linear("fc", op("Flatten", "flat", op("GlobalAveragePool", "gap", input)), channels, 5);
    }

    private String longs(String name, long... values) {
        builder.weight(name, Tensor.ofLongs(values, values.length));
        return name;
    }

    private Network end(String output, Object... shape) {
        return builder.output(output, shape).build();
    }

    public static Network chain() {
        Topologies t = new Topologies("chain", "batch", 3, 8, 8);
        String a = t.op("Relu", "r1", t.norm("bn1", t.conv("c1", "x", 8, 3, 3, 1), 8));
        String slope = t.weight("slope", 12, 1, 1);
        String b = t.op("PRelu", "r2", t.conv("c2", a, 12, 8, 3, 1), slope);
        return t.end(t.head(b, 12), "batch", 5);
    }

    public static Network residual() {
        Topologies t = new Topologies("residual", "batch", 3, 8, 8);
        String stem = t.op("Relu", "r0", t.norm("bn0", t.conv("stem", "x", 8, 3, 3, 1), 8));
        String inner = t.op("Relu", "r1", t.norm("bn1", t.conv("c1", stem, 6, 8, 3, 1), 6));
        String outer = t.norm("bn2", t.conv("c2", inner, 8, 6, 3, 1), 8);
        String sum = t.op("Relu", "r2", t.op("Add", "sum", outer, stem));
        return t.end(t.head(sum, 8), "batch", 5);
    }

    public static Network denseConcat() {
        Topologies t = new Topologies("dense", "batch", 3, 8, 8);
        String a = t.op("Relu", "r1", t.conv("c1", "x", 6, 3, 3, 1));
        String ab = t.add(Node.of("Concat", "cat1", List.of("x", a), "cat1.out").with("axis", Attribute.of(1)));
        String b = t.op("Relu", "r2", t.conv("c2", t.norm("bn1", ab, 9), 6, 9, 3, 1));
        String all = t.add(Node.of("Concat", "cat2", List.of(ab, b), "cat2.out").with("axis", Attribute.of(-3)));
        return t.end(t.head(t.norm("bn2", all, 15), 15), "batch", 5);
    }

    public static Network depthwise() {
        Topologies t = new Topologies("depthwise", "batch", 3, 8, 8);
        String a = t.add(Node.of("Clip", "r1", List.of(t.conv("c1", "x", 8, 3, 3, 1), "low", "high"), "r1.out"));
        t.builder.weight("low", Tensor.scalar(0f)).weight("high", Tensor.scalar(6f));
        String b = t.op("Relu", "r2", t.norm("bn", t.conv("dw", a, 16, 8, 3, 8), 16));
        return t.end(t.head(t.conv("pw", b, 10, 16, 1, 1), 10), "batch", 5);
    }

    public static Network grouped() {
        Topologies t = new Topologies("grouped", "batch", 3, 8, 8);
        String a = t.op("Relu", "r1", t.conv("c1", "x", 8, 3, 3, 1));
        String b = t.op("Relu", "r2", t.conv("c2", a, 12, 8, 3, 2));
        return t.end(t.head(b, 12), "batch", 5);
    }

    public static Network squeezeExcite() {
        Topologies t = new Topologies("squeeze-excite", "batch", 3, 8, 8);
        String a = t.op("HardSwish", "r1", t.conv("c1", "x", 8, 3, 3, 1));
        String squeezed = t.add(
                Node.of("ReduceMean", "squeeze", List.of(a), "squeeze.out").with("axes", Attribute.ofInts(2, 3)));
        String inner = t.op("Relu", "r2", t.conv("reduce", squeezed, 4, 8, 1, 1));
        String gate = t.op("Sigmoid", "gate", t.conv("expand", inner, 8, 4, 1, 1));
        return t.end(t.head(t.op("Mul", "scale", a, gate), 8), "batch", 5);
    }

    public static Network flatten() {
        Topologies t = new Topologies("flatten", "batch", 2, 6, 6);
        String a = t.op("Relu", "r1", t.conv("c1", "x", 5, 2, 3, 1));
        String flat = t.op("Reshape", "flat", a, t.longs("shape", -1, 180));
        String b = t.op("Tanh", "r2", t.linear("fc1", flat, 180, 12));
        return t.end(t.linear("fc2", b, 12, 4), "batch", 4);
    }

    /** Down, up by a transposed convolution and by resizing, and skips beside both. */
    public static Network unet() {
        Topologies t = new Topologies("unet", "batch", 1, 8, 8);
        String d1 = t.op("Relu", "r1", t.conv("down1", "x", 4, 1, 3, 1));
        String d2 = t.op("Relu", "r2", t.conv("down2", t.pool("p1", d1), 6, 4, 3, 1));
        String d3 = t.op("Relu", "r3", t.conv("down3", t.pool("p2", d2), 8, 6, 3, 1));
        String up1 = t.add(Node.of(
                        "ConvTranspose",
                        "up1",
                        List.of(d3, t.weight("up1.w", 8, 6, 2, 2), t.weight("up1.b", 6)),
                        "up1.out")
                .with("strides", Attribute.ofInts(2, 2)));
        String m1 = t.add(Node.of("Concat", "m1", List.of(up1, d2), "m1.out").with("axis", Attribute.of(1)));
        String u1 = t.op("Relu", "r4", t.conv("merge1", m1, 5, 12, 3, 1));
        t.builder.weight("scales", Tensor.ofFloats(new float[] {1, 1, 2, 2}, 4));
        String up2 = t.add(
                Node.of("Resize", "up2", List.of(u1, "", "scales"), "up2.out").with("mode", Attribute.of("nearest")));
        String m2 = t.add(Node.of("Concat", "m2", List.of(up2, d1), "m2.out").with("axis", Attribute.of(1)));
        String u2 = t.op("Relu", "r5", t.conv("merge2", m2, 4, 9, 3, 1));
        return t.end(t.conv("last", u2, 2, 4, 1, 1), "batch", 2, 8, 8);
    }

    private String pool(String name, String input) {
        return add(Node.of("MaxPool", name, List.of(input), name + ".out")
                .with("kernel_shape", Attribute.ofInts(2, 2))
                .with("strides", Attribute.ofInts(2, 2)));
    }

    /** One weight in two layers, the second time transposed. */
    public static Network sharedWeights() {
        Topologies t = new Topologies("shared", "batch", 6);
        String w = t.weight("w", 6, 10);
        String a = t.op("Relu", "r1", t.op("MatMul", "encode", "x", w));
        String b = t.op("Relu", "r2", t.op("MatMul", "mix", a, t.weight("m", 10, 10)));
        String c = t.op("Relu", "r3", t.op("MatMul", "mix2", b, "m"));
        String wT = t.add(Node.of("Transpose", "tied", List.of(w), "tied.out").with("perm", Attribute.ofInts(1, 0)));
        return t.end(t.op("MatMul", "decode", c, wT), "batch", 6);
    }

    /** Self-attention with separate projections, four heads of three, and a feed-forward part. */
    public static Network attention() {
        Topologies t = new Topologies("attention", "batch", 7, 12);
        String q = t.heads("q", t.matMulAdd("query", "x", 12, 12), 0, 2, 1, 3);
        String k = t.heads("k", t.matMulAdd("key", "x", 12, 12), 0, 2, 3, 1);
        String v = t.heads("v", t.matMulAdd("value", "x", 12, 12), 0, 2, 1, 3);
        t.builder.weight("root", Tensor.scalar(1.7320508f));
        String scores = t.op("Div", "scaled", t.op("MatMul", "scores", q, k), "root");
        String soft = t.add(
                Node.of("Softmax", "softmax", List.of(scores), "softmax.out").with("axis", Attribute.of(-1)));
        String mixed = t.op("MatMul", "context", soft, v);
        String back = t.add(
                Node.of("Transpose", "back", List.of(mixed), "back.out").with("perm", Attribute.ofInts(0, 2, 1, 3)));
        String merged = t.op("Reshape", "merge", back, t.longs("merge.shape", 0, 0, 12));
        String sum = t.op("Add", "residual", t.matMulAdd("dense", merged, 12, 12), "x");
        t.builder.weight("ln.scale", Networks.uniform(5, 0.5f, 1.5f, 12));
        t.builder.weight("ln.shift", Networks.uniform(6, -0.5f, 0.5f, 12));
        String normed = t.op("LayerNormalization", "ln", sum, "ln.scale", "ln.shift");
        String up = t.op("Relu", "act", t.matMulAdd("up", normed, 12, 20));
        return t.end(t.op("Add", "residual2", t.matMulAdd("down", up, 20, 12), normed), "batch", 7, 12);
    }

    private String heads(String name, String input, long... order) {
        String split = op("Reshape", name + ".split", input, longs(name + ".shape", 0, -1, 4, 3));
        return add(Node.of("Transpose", name + ".t", List.of(split), name + ".t.out")
                .with("perm", Attribute.ofInts(order)));
    }

    /** Queries, keys and values of one projection, taken apart after the heads were made. */
    public static Network fusedAttention() {
        Topologies t = new Topologies("fused-attention", "batch", 7, 12);
        String qkv = t.matMulAdd("qkv", "x", 12, 36);
        String split = t.op("Reshape", "split", qkv, t.longs("split.shape", 0, -1, 3, 4, 3));
        String turned = t.add(
                Node.of("Transpose", "turn", List.of(split), "turn.out").with("perm", Attribute.ofInts(2, 0, 3, 1, 4)));
        List<String> parts = new ArrayList<>();
        for (long i = 0; i < 3; i++) {
            t.builder.weight("place" + i, Tensor.scalar(i));
            parts.add(t.op("Gather", "part" + i, turned, "place" + i));
        }
        String k = t.add(
                Node.of("Transpose", "kt", List.of(parts.get(1)), "kt.out").with("perm", Attribute.ofInts(0, 1, 3, 2)));
        String soft = t.op("Softmax", "softmax", t.op("MatMul", "scores", parts.get(0), k));
        String mixed = t.op("MatMul", "context", soft, parts.get(2));
        String back = t.add(
                Node.of("Transpose", "back", List.of(mixed), "back.out").with("perm", Attribute.ofInts(0, 2, 1, 3)));
        String merged = t.op("Reshape", "merge", back, t.longs("merge.shape", 0, 0, -1));
        return t.end(t.matMulAdd("dense", merged, 12, 12), "batch", 7, 12);
    }

    /** A recurrent layer in both directions, over which another one runs. */
    public static Network recurrent(String op, int gates) {
        Topologies t = new Topologies(op.toLowerCase(java.util.Locale.ROOT), 6, "batch", 5);
        String first = t.cell(op, gates, "first", "x", 5, 8, 2);
        String turned = t.add(
                Node.of("Transpose", "turn", List.of(first), "turn.out").with("perm", Attribute.ofInts(0, 2, 1, 3)));
        String flat = t.op("Reshape", "both", turned, t.longs("both.shape", 0, 0, 16));
        String second = t.cell(op, gates, "second", flat, 16, 6, 1);
        String plain = t.op("Squeeze", "plain", second, t.longs("direction", 1));
        return t.end(t.matMulAdd("fc", plain, 6, 3), 6, "batch", 3);
    }

    private String cell(String op, int gates, String name, String input, int in, int hidden, int directions) {
        String[] inputs = {
            input,
            weight(name + ".w", directions, gates * hidden, in),
            weight(name + ".r", directions, gates * hidden, hidden),
            weight(name + ".b", directions, 2 * gates * hidden)
        };
        Node node = Node.of(op, name, List.of(inputs), name + ".y")
                .with("hidden_size", Attribute.of((long) hidden))
                .with("direction", Attribute.of(directions == 2 ? "bidirectional" : "forward"));
        return add(node);
    }

    /** Parts of one layer's channels go different ways. */
    public static Network splits() {
        Topologies t = new Topologies("splits", "batch", 3, 8, 8);
        String a = t.op("Relu", "r1", t.conv("c1", "x", 12, 3, 3, 1));
        t.builder.node(Node.of("Split", "split", List.of(a, t.longs("sizes", 4, 8)), "left", "right")
                .with("axis", Attribute.of(1)));
        String sliced = t.op("Slice", "slice", "right", t.longs("from", 2), t.longs("to", 6), t.longs("axis", 1));
        String sum = t.op("Add", "sum", t.conv("c2", "left", 4, 4, 3, 1), sliced);
        t.longs("picked", 3, 1, 0, 2);
        String picked = t.add(
                Node.of("Gather", "pick", List.of(sum, "picked"), "pick.out").with("axis", Attribute.of(1)));
        String cat = t.add(
                Node.of("Concat", "cat", List.of(picked, "right"), "cat.out").with("axis", Attribute.of(1)));
        return t.end(t.head(cat, 12), "batch", 5);
    }

    /** Groups of channels shuffled among each other, and groups normalized. */
    public static Network shuffle() {
        Topologies t = new Topologies("shuffle", "batch", 3, 8, 8);
        String a = t.op("Relu", "r1", t.conv("c1", "x", 12, 3, 3, 1));
        String b = t.conv("c2", a, 12, 12, 1, 3);
        String parts = t.op("Reshape", "part", b, t.longs("parts", 0, 3, 4, 8, 8));
        String turned = t.add(
                Node.of("Transpose", "turn", List.of(parts), "turn.out").with("perm", Attribute.ofInts(0, 2, 1, 3, 4)));
        String mixed = t.op("Reshape", "mix", turned, t.longs("whole", 0, 12, 8, 8));
        String c = t.op("Relu", "r2", t.conv("dw", mixed, 12, 12, 3, 12));
        return t.end(t.head(t.conv("c3", c, 8, 12, 1, 1), 8), "batch", 5);
    }

    /** Groups normalized the way exporters write it: reshaped, normalized by instance, shaped back. */
    public static Network groupNorm() {
        Topologies t = new Topologies("group-norm", "batch", 3, 8, 8);
        String a = t.conv("c1", "x", 12, 3, 3, 1);
        String groups = t.op("Reshape", "groups", a, t.longs("grouped", 0, 4, -1));
        t.builder.weight("one", Tensor.ofFloats(new float[] {1, 1, 1, 1}, 4));
        t.builder.weight("zero", Tensor.ofFloats(new float[4], 4));
        String normed = t.op("InstanceNormalization", "in", groups, "one", "zero");
        String back = t.op("Reshape", "back", normed, t.longs("image", 0, 12, 8, 8));
        String scaled =
                t.op("Add", "shift", t.op("Mul", "scale", back, t.weight("g", 12, 1, 1)), t.weight("h", 12, 1, 1));
        return t.end(t.head(t.op("Relu", "r1", scaled), 12), "batch", 5);
    }

    /** An operator across channels that no rule knows, beside one layer that is free of it. */
    public static Network unknown() {
        Topologies t = new Topologies("unknown", "batch", 3, 8, 8);
        String a = t.op("Relu", "r1", t.conv("c1", "x", 8, 3, 3, 1));
        String b = t.add(Node.of("LRN", "lrn", List.of(a), "lrn.out").with("size", Attribute.of(3)));
        return t.end(t.head(t.op("Relu", "r2", t.conv("c2", b, 6, 8, 3, 1)), 6), "batch", 5);
    }

    /** A small classifier of digits with a residual sum and depthwise convolutions. */
    public static Network digits() {
        Topologies t = new Topologies("digits", "batch", 1, 28, 28);
        String stem = t.pool("p1", t.op("Relu", "r0", t.norm("bn0", t.conv("stem", "x", 8, 1, 3, 1), 8)));
        String deep = t.op("Relu", "r1", t.norm("bn1", t.conv("dw1", stem, 8, 8, 3, 8), 8));
        String point = t.norm("bn2", t.conv("pw1", deep, 8, 8, 1, 1), 8);
        String sum = t.pool("p2", t.op("Relu", "r2", t.op("Add", "sum", point, stem)));
        String last = t.op("Relu", "r3", t.norm("bn3", t.conv("c3", sum, 16, 8, 3, 1), 16));
        String flat = t.op("Flatten", "flat", t.op("GlobalAveragePool", "gap", last));
        return t.end(t.linear("fc", flat, 16, 10), "batch", 10);
    }

    /** Three residual blocks in a row, over images of digits. */
    public static Network deep() {
        Topologies t = new Topologies("deep", "batch", 1, 28, 28);
        String value = t.pool("p1", t.op("Relu", "r0", t.conv("stem", "x", 6, 1, 3, 1)));
        for (int block = 1; block <= 3; block++) {
            String b = "b" + block + ".";
            String inner = t.op("Relu", b + "r1", t.norm(b + "bn1", t.conv(b + "c1", value, 4, 6, 3, 1), 4));
            value = t.op("Add", b + "sum", t.norm(b + "bn2", t.conv(b + "c2", inner, 6, 4, 3, 1), 6), value);
        }
        return t.end(t.head(value, 6), "batch", 5);
    }
}
