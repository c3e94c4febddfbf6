package pomona.djl;

import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import java.util.List;
import java.util.Map;
import pomona.graph.Attribute;
import pomona.graph.Node;

/** Recurrent layers; each direction is one function, whose steps the engine runs by itself. */
final class RecurrentOps {

    /** The steps of one kind of cell: how many gates it has, its functions if none are named, and its text. */
    private record Cell(int gates, List<String> functions, String prepare, String step) {}

    private static final Cell RNN = new Cell(1, List.of("Tanh"), "", """
              hn = F0(clip(torch.select(gx, 0, t) + torch.matmul(h, r.t()) + rb))
            """);

    private RecurrentOps() {}

    static void addTo(Map<String, Operator> operators) {
        operators.put("RNN", call -> run(call, RNN, false));
        operators.put("GRU", call -> run(call, gru(call.node()), false));
        operators.put("LSTM", call -> run(call, lstm(call), true));
    }

    /** Gates come in the order update, reset, hidden. */
    private static Cell gru(Node node) {
        boolean resetLater = node.integer("linear_before_reset", 0) != 0;
        String hidden = resetLater
                ? "reset * (torch.matmul(h, rr[2].t()) + rbs[2])"
                : "torch.matmul(reset * h, rr[2].t()) + rbs[2]";
        return new Cell(
                3, List.of("Sigmoid", "Tanh"), "rr = torch.chunk(r, 3)\nrbs = torch.chunk(rb, 3)\n", """
              g = torch.chunk(torch.select(gx, 0, t), 3, 1)
              update = F0(clip(g[0] + torch.matmul(h, rr[0].t()) + rbs[0]))
              reset = F0(clip(g[1] + torch.matmul(h, rr[1].t()) + rbs[1]))
              new = F1(clip(g[2] + HIDDEN))
              hn = (1 - update) * new + update * h
            """.replace(
                                "HIDDEN", hidden));
    }

    /** Gates come in the order input, output, forget, cell. */
    private static Cell lstm(Call call) {
        boolean peeps = call.has(7);
        boolean coupled = call.node().integer("input_forget", 0) != 0;
        String forget = coupled ? "1 - input" : "F0(clip(g[2]PEEP2))";
        String step = """
              g = torch.chunk(torch.select(gx, 0, t) + torch.matmul(h, r.t()) + rb, 4, 1)
              input = F0(clip(g[0]PEEP0))
              forget = FORGET
              cn = forget * c + input * F1(clip(g[3]))
              output = F0(clip(g[1]PEEP1))
              hn = output * F2(cn)
            """.replace("FORGET", forget)
                .replace("PEEP0", peeps ? " + p[0] * c" : "")
                .replace("PEEP2", peeps ? " + p[2] * c" : "")
                .replace("PEEP1", peeps ? " + p[1] * cn" : "");
        return new Cell(
                4,
                List.of("Sigmoid", "Tanh", "Tanh"),
                peeps ? "p = torch.chunk(torch.select({7}, 0, DIRECTION), 3)\n" : "",
                step);
    }

    private static NDList run(Call call, Cell cell, boolean remembers) {
        String direction = call.node().text("direction", "forward");
        NDList sequences = new NDList();
        NDList lasts = new NDList();
        NDList cells = new NDList();
        int directions = direction.equals("bidirectional") ? 2 : 1;
        for (int d = 0; d < directions; d++) {
            boolean backwards = direction.equals("reverse") || d == 1;
            NDList results = call.torchAll(text(call, cell, d, backwards, remembers));
            sequences.add(results.get(0));
            lasts.add(results.get(1));
            cells.add(remembers ? results.get(2) : results.get(1));
        }
        boolean batchFirst = call.node().integer("layout", 0) != 0;
        // Without layout 1: sequence, direction, batch; with it: batch, sequence, direction.
        NDList outputs = new NDList(NDArrays.stack(sequences, batchFirst ? 2 : 1));
        outputs.add(NDArrays.stack(lasts, batchFirst ? 1 : 0));
        if (remembers) {
            outputs.add(NDArrays.stack(cells, batchFirst ? 1 : 0));
        }
        return outputs;
    }

    private static String text(Call call, Cell cell, int direction, boolean backwards, boolean remembers) {
        boolean batchFirst = call.node().integer("layout", 0) != 0;
        String d = Integer.toString(direction);
        String none = "torch.zeros([x.size(1), r.size(1)], dtype=x.dtype)";
        StringBuilder text = new StringBuilder();
        text.append("x = ")
                .append(batchFirst ? "torch.transpose({0}, 0, 1)" : "{0}")
                .append('\n');
        text.append("w = torch.select({1}, 0, ").append(d).append(")\n");
        text.append("r = torch.select({2}, 0, ").append(d).append(")\n");
        text.append("b = ")
                .append(call.has(3) ? "torch.select({3}, 0, " + d + ")" : "torch.zeros([2 * r.size(0)], dtype=x.dtype)")
                .append('\n');
        text.append("rb = torch.chunk(b, 2)[1]\n").append(cell.prepare().replace("DIRECTION", d));
        text.append("h = ").append(call.has(5) ? first(5, d, batchFirst) : none).append('\n');
        if (remembers) {
            text.append("c = ")
                    .append(call.has(6) ? first(6, d, batchFirst) : none)
                    .append('\n');
        }
        text.append(call.has(4) ? "lengths = {4}.to(4)\n" : "");
        text.append(backwards ? turn("x", call.has(4)) : "");
        text.append("gx = torch.matmul(x, w.t()) + torch.chunk(b, 2)[0]\n");
        text.append("ys = annotate(List[Tensor], [])\nfor t in range(x.size(0)):\n");
        text.append(functions(call.node(), cell, direction)).append(keep(call.has(4), remembers));
        text.append("y = torch.stack(ys)\n").append(backwards ? turn("y", call.has(4)) : "");
        text.append(batchFirst ? "y = torch.transpose(y, 0, 1)\n" : "");
        return text.append(remembers ? "return [y, h, c]" : "return [y, h]").toString();
    }

    private static String first(int input, String direction, boolean batchFirst) {
        return "torch.select({" + input + "}, " + (batchFirst ? 1 : 0) + ", " + direction + ")";
    }

    /** Turns a sequence around, each sample within its own length. */
    private static String turn(String name, boolean lengths) {
        if (!lengths) {
            return name + " = torch.flip(" + name + ", [0])\n";
        }
        return """
                times = torch.arange(X.size(0)).reshape([-1, 1])
                places = torch.where(times < lengths, lengths - 1 - times, times)
                X = torch.gather(X, 0, torch.unsqueeze(places, 2).expand([X.size(0), X.size(1), X.size(2)]))
                """.replace("X", name);
    }

    /** The end of a step: samples that are over keep their state and give zeros. */
    private static String keep(boolean lengths, boolean remembers) {
        if (!lengths) {
            return "  h = hn\n" + (remembers ? "  c = cn\n" : "") + "  ys.append(h)\n";
        }
        return "  on = torch.unsqueeze(t < lengths, 1)\n"
                + "  h = torch.where(on, hn, h)\n"
                + (remembers ? "  c = torch.where(on, cn, c)\n" : "")
                + "  ys.append(torch.where(on, hn, torch.zeros_like(hn)))\n";
    }

    /** The text of a step with its activation functions and the clipping of what they take put in. */
    private static String functions(Node node, Cell cell, int direction) {
        List<String> named =
                node.attributes().get("activations") instanceof Attribute.Texts texts ? texts.values() : List.of();
        int each = cell.functions().size();
        String step = cell.step();
        for (int i = 0; i < each; i++) {
            int at = direction * each + i;
            String name = at < named.size() ? named.get(at) : cell.functions().get(i);
            step = RecurrentActivation.applied(step, "F" + i, RecurrentActivation.text(name, node, at));
        }
        float limit = node.real("clip", 0);
        return RecurrentActivation.applied(
                step, "clip", limit > 0 ? "torch.clamp(#, " + -limit + ", " + limit + ")" : "#");
    }
}
