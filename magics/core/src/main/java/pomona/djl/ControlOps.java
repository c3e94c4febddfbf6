package pomona.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Branches and loops; a run goes through them as they come, and gradients flow back the way it went. */
final class ControlOps {

    private ControlOps() {}

    static void addTo(Map<String, Operator> operators) {
        operators.put("If", ControlOps::branch);
        operators.put("Loop", ControlOps::loop);
        operators.put("Scan", ControlOps::scan);
    }

    private static NDList branch(Call call) {
        return call.run(isTrue(call.in(0)) ? "then_branch" : "else_branch", new NDList());
    }

    private static boolean isTrue(NDArray condition) {
        return condition.toType(DataType.BOOLEAN, false).toBooleanArray()[0];
    }

    private static NDList loop(Call call) {
        long limit = call.has(0) ? call.longs(0)[0] : Long.MAX_VALUE;
        boolean going = !call.has(1) || isTrue(call.in(1));
        NDArray flag = Tensors.inEngine(call.manager().create(going));
        NDList state = new NDList();
        for (int i = 2; i < call.count(); i++) {
            state.add(call.in(i));
        }
        int carried = state.size();
        int scanned = call.subgraph("body").outputs().size() - 1 - carried;
        List<NDList> rows = rows(scanned);
        for (long i = 0; i < limit && going; i++) {
            NDList arguments = new NDList(Tensors.inEngine(call.manager().create(i)), flag);
            arguments.addAll(state);
            NDList results = call.run("body", arguments);
            flag = results.get(0);
            going = isTrue(flag);
            state = new NDList(results.subList(1, 1 + carried));
            for (int k = 0; k < scanned; k++) {
                rows.get(k).add(results.get(1 + carried + k));
            }
        }
        NDList outputs = new NDList(state);
        for (NDList row : rows) {
            outputs.add(row.isEmpty() ? call.manager().zeros(new Shape(0)) : NDArrays.stack(row));
        }
        return outputs;
    }

    private static NDList scan(Call call) {
        boolean old = call.opset() < 9;
        int first = old ? 1 : 0;
        int scanned = Math.toIntExact(call.node().integer("num_scan_inputs", 1));
        int carried = call.count() - first - scanned;
        if (!old) {
            NDList inputs = new NDList();
            for (int i = 0; i < call.count(); i++) {
                inputs.add(call.in(i));
            }
            return scan(call, inputs, carried, scanned);
        }
        if (call.has(0)) {
            throw new UnsupportedOperationException("sequence lengths of Scan are not supported here");
        }
        List<NDList> samples = new ArrayList<>();
        for (long b = 0; b < call.shape(1)[0]; b++) {
            NDList inputs = new NDList();
            for (int i = first; i < call.count(); i++) {
                inputs.add(call.in(i).get(b));
            }
            samples.add(scan(call, inputs, carried, scanned));
        }
        NDList outputs = new NDList();
        for (int k = 0; k < samples.get(0).size(); k++) {
            int at = k;
            outputs.add(NDArrays.stack(
                    new NDList(samples.stream().map(sample -> sample.get(at)).toList())));
        }
        return outputs;
    }

    private static NDList scan(Call call, NDList inputs, int carried, int scanned) {
        NDList state = new NDList(inputs.subList(0, carried));
        int results = call.subgraph("body").outputs().size() - carried;
        long[] inputAxes = call.node().integers("scan_input_axes", new long[scanned]);
        long[] outputAxes = call.node().integers("scan_output_axes", new long[results]);
        long[] backwards = call.node().integers("scan_input_directions", new long[scanned]);
        long[] prepend = call.node().integers("scan_output_directions", new long[results]);
        long length = inputs.get(carried)
                .size((int) axis(inputAxes[0], inputs.get(carried).getShape().dimension()));
        List<NDList> rows = rows(results);
        for (long step = 0; step < length; step++) {
            NDList arguments = new NDList(state);
            for (int i = 0; i < scanned; i++) {
                NDArray sequence = inputs.get(carried + i);
                long at = backwards[i] == 0 ? step : length - 1 - step;
                arguments.add(TorchFunction.one(
                        "torch.select({0}, {}, int({1}))",
                        new NDArray[] {sequence, call.manager().create(at)},
                        axis(inputAxes[i], sequence.getShape().dimension())));
            }
            NDList made = call.run("body", arguments);
            state = new NDList(made.subList(0, carried));
            for (int k = 0; k < results; k++) {
                rows.get(k).add(prepend[k] == 0 ? rows.get(k).size() : 0, made.get(carried + k));
            }
        }
        NDList outputs = new NDList(state);
        for (int k = 0; k < results; k++) {
            int rank = rows.get(k).get(0).getShape().dimension() + 1;
            outputs.add(NDArrays.stack(rows.get(k), (int) axis(outputAxes[k], rank)));
        }
        return outputs;
    }

    private static long axis(long axis, int rank) {
        return axis < 0 ? axis + rank : axis;
    }

    private static List<NDList> rows(int count) {
        List<NDList> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            rows.add(new NDList());
        }
        return rows;
    }
}
