package pomona.djl;

import java.util.Arrays;
import java.util.List;
import pomona.djl.RandomGraphs.Part;
import pomona.graph.Attribute;
import pomona.graph.Node;
import pomona.graph.Tensor;

/** The layers among the operations of {@link RandomGraphs}. */
final class RandomLayers {

    private final RandomGraphs graph;

    RandomLayers(RandomGraphs graph) {
        this.graph = graph;
    }

    Part layer(Part part) {
        return switch (graph.random.nextInt(8)) {
            case 0 -> softmax(part);
            case 1 -> normalize(part);
            case 2 -> part.rank() == 2 ? attention(part) : product(part);
            case 3 -> part.rank() == 2 ? recurrent(part) : product(part);
            case 4 -> part.rank() == 2 ? einsum(part) : product(part);
            case 5 -> part.rank() == 2 ? convolution(part) : product(part);
            default -> product(part);
        };
    }

    /** A linear layer: Gemm in one of its forms for rows, otherwise MatMul and Add. */
    private Part product(Part part) {
        int fan = part.last();
        int units = 1 + graph.random.nextInt(6);
        if (part.rank() > 1) {
            String product = graph.node("MatMul", part.name(), graph.weight(fan, fan, units));
            return part.with(graph.node("Add", product, graph.weight(4, units)), part.rank() - 1, units);
        }
        boolean turned = graph.random.nextBoolean();
        String weights = turned ? graph.weight(fan, units, fan) : graph.weight(fan, fan, units);
        Node gemm = Node.of("Gemm", "", List.of(part.name(), weights, graph.weight(4, units)), graph.name())
                .with("transB", Attribute.of(turned ? 1L : 0L))
                .with("alpha", Attribute.of(0.5f + graph.random.nextFloat()))
                .with("beta", Attribute.of(0.5f + graph.random.nextFloat()));
        return new Part(graph.add(gemm), units);
    }

    private Part softmax(Part part) {
        String op = graph.random.nextBoolean() ? "Softmax" : "LogSoftmax";
        long axis = 1 + graph.random.nextInt(part.rank());
        Node node = Node.of(op, "", List.of(part.name()), graph.name());
        return new Part(
                graph.add(node.with("axis", Attribute.of(graph.random.nextBoolean() ? axis : axis - part.rank() - 1))),
                part.shape());
    }

    /** Layer normalization over the last sizes; rows that hardly vary are not blown up. */
    private Part normalize(Part part) {
        int from = graph.random.nextInt(part.rank());
        long[] shape = new long[part.rank() - from];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = part.shape()[from + i];
        }
        if (Arrays.stream(shape).allMatch(size -> size == 1)) {
            // ONNX Runtime does not normalize single numbers.
            return softmax(part);
        }
        // It joins a sum with the normalization behind it, and then knows of one size only.
        String input = shape.length > 1 ? graph.node("Neg", part.name()) : part.name();
        Node node = Node.of(
                        "LayerNormalization",
                        "",
                        List.of(input, graph.weight(1, shape), graph.weight(4, shape)),
                        graph.name())
                .with("axis", Attribute.of(graph.random.nextBoolean() ? from + 1L : (long) -shape.length))
                .with("epsilon", Attribute.of(0.05f));
        return new Part(graph.add(node), part.shape());
    }

    /** Two heads of queries, keys and values, and a residual; half of the time no place sees what comes after it. */
    private Part attention(Part part) {
        int length = part.shape()[0];
        int width = part.last();
        String[] heads = new String[3];
        for (int i = 0; i < 3; i++) {
            String projected = graph.node("MatMul", part.name(), graph.weight(width, width, 8));
            String apart = graph.node("Reshape", projected, graph.longs(0, length, 2, 4));
            heads[i] = transpose(apart, i == 1 ? new long[] {0, 2, 3, 1} : new long[] {0, 2, 1, 3});
        }
        String scores = graph.node("Mul", graph.node("MatMul", heads[0], heads[1]), graph.scalar(0.5f));
        if (graph.random.nextBoolean()) {
            Node mask =
                    Node.of("Trilu", "", List.of(ones(length)), graph.name()).with("upper", Attribute.of(0L));
            String seen = graph.node("Greater", graph.add(mask), graph.scalar(0.5f));
            scores = graph.node("Where", seen, scores, graph.scalar(-1e9f));
        }
        Node weights = Node.of("Softmax", "", List.of(scores), graph.name()).with("axis", Attribute.of(-1L));
        String mixed = transpose(graph.node("MatMul", graph.add(weights), heads[2]), 0, 2, 1, 3);
        String joined = graph.node("Reshape", mixed, graph.longs(0, 0, -1));
        String out = graph.node("MatMul", joined, graph.weight(8, 8, width));
        return new Part(graph.node("Add", part.name(), out), part.shape());
    }

    private String ones(int length) {
        float[] ones = new float[length * length];
        Arrays.fill(ones, 1);
        return graph.weight(Tensor.ofFloats(ones, length, length));
    }

    /** LSTM, GRU or RNN over the first size, in one of the directions or both. */
    private Part recurrent(Part part) {
        String[] ops = {"LSTM", "GRU", "RNN"};
        int[] gates = {4, 3, 1};
        String[] directions = {"forward", "reverse", "bidirectional"};
        int kind = graph.random.nextInt(3);
        int direction = graph.random.nextInt(3);
        int both = direction == 2 ? 2 : 1;
        int hidden = 1 + graph.random.nextInt(4);
        String sequence = transpose(part.name(), 1, 0, 2);
        int rows = gates[kind] * hidden;
        Node node = Node.of(
                        ops[kind],
                        "",
                        List.of(
                                sequence,
                                graph.weight(part.last(), both, rows, part.last()),
                                graph.weight(hidden, both, rows, hidden),
                                graph.weight(4, both, 2L * rows)),
                        graph.name())
                .with("hidden_size", Attribute.of((long) hidden))
                .with("direction", Attribute.of(directions[direction]));
        if (kind == 1) {
            node = node.with("linear_before_reset", Attribute.of((long) graph.random.nextInt(2)));
        }
        String steps = transpose(graph.add(node), 2, 0, 1, 3);
        return part.with(graph.node("Reshape", steps, graph.longs(0, 0, -1)), 1, both * hidden);
    }

    private Part einsum(Part part) {
        Node node = Node.of("Einsum", "", List.of(part.name(), graph.weight(part.last(), 3, part.last())), graph.name())
                .with("equation", Attribute.of("bij,kj->bki"));
        return new Part(graph.add(node), 3, part.shape()[0]);
    }

    /** One dimension, with the first size as channels. */
    private Part convolution(Part part) {
        int kernel = 1 + graph.random.nextInt(Math.min(3, part.last()));
        int channels = part.shape()[0];
        String weights = graph.weight(channels * kernel, 4, channels, kernel);
        return new Part(graph.node("Conv", part.name(), weights, graph.weight(4, 4)), 4, part.last() - kernel + 1);
    }

    private String transpose(String value, long... perm) {
        return graph.add(Node.of("Transpose", "", List.of(value), graph.name()).with("perm", Attribute.ofInts(perm)));
    }
}
