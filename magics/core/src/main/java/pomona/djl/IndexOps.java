package pomona.djl;

import static pomona.djl.Operator.of;
import static pomona.djl.Operator.torch;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;

/** Operators that read or write elements at places that an array of indices tells; negative ones count from the end. */
final class IndexOps {

    private IndexOps() {}

    static void addTo(Map<String, Operator> operators) {
        operators.put("Gather", of(IndexOps::gather));
        operators.put("GatherElements", of(IndexOps::gatherElements));
        operators.put("GatherND", of(IndexOps::gatherNd));
        operators.put("ScatterElements", of(IndexOps::scatterElements));
        operators.put("Scatter", of(IndexOps::scatterElements));
        operators.put("ScatterND", of(IndexOps::scatterNd));
        operators.put("TensorScatter", of(IndexOps::tensorScatter));
        operators.put("Compress", of(IndexOps::compress));
        operators.put("NonZero", torch("torch.nonzero({0}).t()"));
        operators.put("OneHot", of(IndexOps::oneHot));
        operators.put("ReverseSequence", of(IndexOps::reverseSequence));
    }

    /** An index that is none is looked for only when picking fails, and named then. */
    private static NDArray gather(Call call) {
        try {
            return picked(call);
        } catch (EngineException | IllegalArgumentException e) {
            long size = call.shape(0)[call.axis("axis", 0, call.rank(0))];
            for (long index : call.in(1).toType(DataType.INT64, false).toLongArray()) {
                if (index < -size || index >= size) {
                    throw new IllegalArgumentException(
                            "it was given the index " + index + ", but picks from 0 to " + (size - 1), e);
                }
            }
            throw e;
        }
    }

    private static NDArray picked(Call call) {
        long[] shape = call.shape(0);
        int axis = call.axis("axis", 0, shape.length);
        NDArray indices = call.in(1).toType(DataType.INT64, false);
        NDArray[] inputs = {call.in(0), indices};
        String places = "i = torch.where({1} < 0, {1} + {0}.size({}), {1})\n";
        if (shape.length == 2 && axis == 0 && call.in(0).getDataType().isFloating()) {
            return TorchFunction.one(places + "return torch.embedding({0}, i)", inputs, axis);
        }
        NDArray picked =
                TorchFunction.one(places + "return torch.index_select({0}, {}, i.reshape([-1]))", inputs, axis, axis);
        long[] inner = indices.getShape().getShape();
        long[] result = new long[shape.length - 1 + inner.length];
        System.arraycopy(shape, 0, result, 0, axis);
        System.arraycopy(inner, 0, result, axis, inner.length);
        System.arraycopy(shape, axis + 1, result, axis + inner.length, shape.length - axis - 1);
        return picked.reshape(result);
    }

    private static NDArray gatherElements(Call call) {
        int axis = call.axis("axis", 0, call.rank(0));
        NDArray[] inputs = {call.in(0), call.in(1).toType(DataType.INT64, false)};
        return TorchFunction.one(
                "torch.gather({0}, {}, torch.where({1} < 0, {1} + {0}.size({}), {1}))", inputs, axis, axis);
    }

    /** Joins the coordinates of each element to its place in the flattened array. */
    private static NDArray gatherNd(Call call) {
        int batch = Math.toIntExact(call.node().integer("batch_dims", 0));
        long[] shape = call.shape(0);
        long[] indices = call.shape(1);
        int depth = Math.toIntExact(indices[indices.length - 1]);
        long batches = Shapes.product(shape, 0, batch);
        long[] inner = Arrays.copyOfRange(shape, batch, batch + depth);
        long cells = Shapes.product(inner, 0, depth);
        NDArray places = flatPlaces(call.in(1), inner).reshape(batches, -1);
        if (batch > 0) {
            NDArray first = call.manager().arange(0, (int) batches, 1, DataType.INT64);
            places = places.add(first.mul(cells).reshape(batches, 1));
        }
        long[] flat = join(new long[] {batches * cells}, Arrays.copyOfRange(shape, batch + depth, shape.length));
        long[] result = join(
                Arrays.copyOf(indices, indices.length - 1), Arrays.copyOfRange(shape, batch + depth, shape.length));
        return call.torchOf(
                        new NDArray[] {call.in(0).reshape(flat), places},
                        "torch.index_select({0}, 0, {1}.reshape([-1]))")
                .reshape(result);
    }

    /** The place in a flattened array of these dimensions that each vector of coordinates tells. */
    private static NDArray flatPlaces(NDArray coordinates, long[] dims) {
        NDArray wide = coordinates.toType(DataType.INT64, false);
        long[] factors = new long[dims.length];
        long factor = 1;
        for (int i = dims.length - 1; i >= 0; i--) {
            factors[i] = factor;
            factor *= dims[i];
        }
        NDArray sizes = coordinates.getManager().create(dims);
        NDArray steps = coordinates.getManager().create(factors);
        return TorchFunction.one(
                "torch.sum(torch.where({0} < 0, {0} + {1}, {0}) * {2}, [-1])", new NDArray[] {wide, sizes, steps});
    }

    private static NDArray scatterElements(Call call) {
        int axis = call.axis("axis", 0, call.rank(0));
        NDArray[] inputs = {call.in(0), call.in(1).toType(DataType.INT64, false), call.in(2)};
        return TorchFunction.one(
                "i = torch.where({1} < 0, {1} + {0}.size({}), {1})\nreturn "
                        + scatter(call.node().text("reduction", "none"), "i"),
                inputs,
                axis,
                axis);
    }

    private static String scatter(String reduction, String index) {
        return switch (reduction) {
            case "add" -> "torch.scatter_add({0}, {}, " + index + ", {2})";
            case "mul" -> reduced("prod", index);
            case "max" -> reduced("amax", index);
            case "min" -> reduced("amin", index);
            default -> "torch.scatter({0}, {}, " + index + ", {2})";
        };
    }

    private static String reduced(String function, String index) {
        return "torch.scatter_reduce({0}, {}, " + index + ", {2}, \"" + function + "\", include_self=True)";
    }

    private static NDArray scatterNd(Call call) {
        long[] shape = call.shape(0);
        long[] indices = call.shape(1);
        int depth = Math.toIntExact(indices[indices.length - 1]);
        NDArray places = flatPlaces(call.in(1), Arrays.copyOf(shape, depth));
        long cells = Shapes.product(shape, 0, depth);
        long each = Shapes.product(shape, depth, shape.length);
        NDArray index = places.reshape(-1, 1).broadcast(new Shape(places.size(), each));
        NDArray[] inputs = {call.in(0).reshape(cells, each), index, call.in(2).reshape(places.size(), each)};
        return TorchFunction.one("return " + scatter(call.node().text("reduction", "none"), "{1}"), inputs, 0)
                .reshape(shape);
    }

    /** Writes an update into a cache along an axis, each sample from its own place on. */
    private static NDArray tensorScatter(Call call) {
        long[] shape = call.shape(0);
        long[] update = call.shape(1);
        int axis = call.axis("axis", -2, shape.length);
        boolean circular = call.node().text("mode", "linear").equals("circular");
        long[] starts = call.has(2) ? call.longs(2) : new long[Math.toIntExact(shape[0])];
        long[] places = new long[Math.toIntExact(shape[0] * update[axis])];
        for (int b = 0; b < shape[0]; b++) {
            for (int s = 0; s < update[axis]; s++) {
                long at = starts[b] + s;
                places[Math.toIntExact(b * update[axis] + s)] = circular ? at % shape[axis] : at;
            }
        }
        long[] column = Shapes.ones(shape.length);
        column[0] = shape[0];
        column[axis] = update[axis];
        NDArray index = call.manager().create(places).reshape(column).broadcast(new Shape(update));
        return TorchFunction.one(
                "torch.scatter({0}, {}, {1}, {2})", new NDArray[] {call.in(0), index, call.in(1)}, axis);
    }

    private static NDArray compress(Call call) {
        boolean[] flags = call.in(1).toType(DataType.BOOLEAN, false).toBooleanArray();
        long[] places = IntStream.range(0, flags.length)
                .filter(i -> flags[i])
                .mapToLong(i -> i)
                .toArray();
        boolean flat = !call.node().attributes().containsKey("axis");
        int axis = flat ? 0 : call.axis("axis", 0, call.rank(0));
        NDArray x = flat ? call.in(0).reshape(-1) : call.in(0);
        return TorchFunction.one(
                "torch.index_select({0}, {}, {1})",
                new NDArray[] {x, call.manager().create(places, new Shape(places.length))}, axis);
    }

    private static NDArray oneHot(Call call) {
        long depth = call.longs(1)[0];
        int axis = call.axis("axis", -1, call.rank(0) + 1);
        NDArray[] inputs = {call.in(0), call.in(2), call.manager().arange(0, (int) depth, 1, DataType.INT64)};
        long[] line = Shapes.ones(call.rank(0) + 1);
        line[axis] = depth;
        return TorchFunction.one("""
                n = {2}.size(0)
                i = torch.trunc({0}.to(7)).to(4)
                i = torch.where(i < 0, i + n, i)
                here = torch.unsqueeze(i, {}) == torch.reshape({2}, {})
                return torch.where(here, torch.select({1}, 0, 1), torch.select({1}, 0, 0))
                """, inputs, axis, line);
    }

    private static NDArray reverseSequence(Call call) {
        long[] shape = call.shape(0);
        int batchAxis = call.axis("batch_axis", 1, shape.length);
        int timeAxis = call.axis("time_axis", 0, shape.length);
        long[] lengths = call.longs(1);
        int batch = Math.toIntExact(shape[batchAxis]);
        int time = Math.toIntExact(shape[timeAxis]);
        boolean timeFirst = timeAxis < batchAxis;
        long[] places = new long[batch * time];
        for (int b = 0; b < batch; b++) {
            for (int t = 0; t < time; t++) {
                places[timeFirst ? t * batch + b : b * time + t] = t < lengths[b] ? lengths[b] - 1 - t : t;
            }
        }
        long[] dims = Shapes.ones(shape.length);
        dims[batchAxis] = batch;
        dims[timeAxis] = time;
        NDArray index = call.manager().create(places).reshape(dims).broadcast(new Shape(shape));
        return TorchFunction.one("torch.gather({0}, {}, {1})", new NDArray[] {call.in(0), index}, timeAxis);
    }

    private static long[] join(long[] first, long[] second) {
        long[] whole = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, whole, first.length, second.length);
        return whole;
    }
}
