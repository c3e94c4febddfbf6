package pomona.djl;

import static pomona.djl.Operator.of;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Map;

/** Pooling over one, two or three spatial dimensions. */
final class PoolingOps {

    private PoolingOps() {}

    static void addTo(Map<String, Operator> operators) {
        operators.put("MaxPool", PoolingOps::maxPool);
        operators.put("MaxUnpool", of(PoolingOps::maxUnpool));
        operators.put("AveragePool", of(PoolingOps::averagePool));
        operators.put("LpPool", of(PoolingOps::lengthPool));
        operators.put(
                "GlobalAveragePool",
                of(c -> global(c, c.in(0).getNDArrayInternal().globalAvgPool())));
        operators.put(
                "GlobalMaxPool", of(c -> global(c, c.in(0).getNDArrayInternal().globalMaxPool())));
        operators.put("GlobalLpPool", of(PoolingOps::globalLengthPool));
    }

    private static NDList maxPool(Call call) {
        Window window = Window.of(call);
        NDArray x = call.in(0);
        int n = window.dimensions();
        long[] padding = window.enginePadding();
        boolean places = call.wants(1);
        if (padding != null && !window.isDilated() && !places && x.getDataType().isFloating()) {
            return new NDList(x.getNDArrayInternal()
                    .maxPool(
                            new Shape(window.kernel()),
                            new Shape(window.strides()),
                            new Shape(padding),
                            window.ceil()));
        }
        // The engine pools floats only; 8-bit integers are exact in them.
        DataType type = x.getDataType();
        NDArray input = type.isFloating() ? x : x.toType(DataType.FLOAT32, false);
        NDArray padded = input.pad(Shapes.enginePads(window.allPads()), Double.NEGATIVE_INFINITY);
        NDList pooled = TorchFunction.list(
                "values, places = torch.max_pool" + n + "d_with_indices({0}, {}, {}, {}, {}, False)\n"
                        + "return [values, places]",
                new NDArray[] {padded},
                window.kernel(),
                window.strides(),
                new long[n],
                window.dilations());
        NDArray values = type.isFloating() ? pooled.get(0) : pooled.get(0).toType(type, false);
        return places ? new NDList(values, inputPlaces(call, window, pooled.get(1))) : new NDList(values);
    }

    /** From places in one padded channel to places in the whole input. */
    private static NDArray inputPlaces(Call call, Window window, NDArray places) {
        long[] shape = call.shape(0);
        int n = window.dimensions();
        long[] pads = window.allPads();
        boolean byColumns = call.node().integer("storage_order", 0) != 0;
        long channel = Shapes.product(shape, 2, shape.length);
        NDArray rest = places;
        NDArray result = places.mul(0);
        long row = 1;
        for (int i = n - 1; i >= 0; i--) {
            long size = shape[2 + i] + pads[i] + pads[n + i];
            NDArray at = rest.mod(size).sub(pads[i]);
            long factor = byColumns ? Shapes.product(shape, 2, 2 + i) : row;
            result = result.add(at.mul(factor));
            rest = rest.sub(rest.mod(size)).div(size).toType(DataType.INT64, false);
            row *= shape[2 + i];
        }
        long[] channels = Shapes.ones(shape.length);
        channels[0] = shape[0];
        channels[1] = shape[1];
        NDArray first = call.manager().arange(0, (int) (shape[0] * shape[1]), 1, DataType.INT64);
        return result.add(first.mul(channel).reshape(channels));
    }

    /** Puts each element where it was taken from; places count in the size that the attributes tell. */
    private static NDArray maxUnpool(Call call) {
        long[] shape = call.shape(0);
        long[] kernel = call.node().integers("kernel_shape");
        int n = kernel.length;
        long[] strides = call.node().integers("strides", Shapes.ones(n));
        long[] pads = call.node().integers("pads", new long[2 * n]);
        long[] whole = shape.clone();
        for (int i = 0; i < n; i++) {
            whole[2 + i] = (shape[2 + i] - 1) * strides[i] - pads[i] - pads[n + i] + kernel[i];
        }
        NDArray flat = call.manager()
                .zeros(
                        new Shape(Shapes.product(whole, 0, whole.length)),
                        call.in(0).getDataType());
        NDArray result = call.torchOf(
                        new NDArray[] {flat, call.in(1), call.in(0)},
                        "torch.scatter({0}, 0, {1}.reshape([-1]), {2}.reshape([-1]))")
                .reshape(whole);
        if (!call.has(2)) {
            return result;
        }
        long[] wanted = call.longs(2);
        long[] missing = new long[2 * wanted.length];
        for (int i = 0; i < wanted.length; i++) {
            missing[wanted.length + i] = wanted[i] - whole[i];
        }
        return Shapes.pad(result, missing, 0);
    }

    private static NDArray averagePool(Call call) {
        Window window = Window.of(call);
        boolean countPads = call.node().integer("count_include_pad", 0) != 0;
        long[] padding = window.enginePadding();
        if (padding != null && !window.isDilated() && !window.ceil()) {
            String size = window.dimensions() == 1 ? "" : ", None";
            return call.torch(
                    "torch.avg_pool" + window.dimensions() + "d({0}, {}, {}, {}, False, {}" + size + ")",
                    window.kernel(),
                    window.strides(),
                    padding,
                    countPads);
        }
        NDArray x = call.in(0);
        NDArray sums = sums(x.pad(Shapes.enginePads(window.allPads()), 0), window);
        long[] one = call.shape(0);
        one[0] = 1;
        one[1] = 1;
        NDArray ones = call.manager().ones(new Shape(one), x.getDataType());
        long[] reach = window.allPads();
        if (countPads) {
            ones = ones.pad(Shapes.enginePads(window.pads()), 1);
            for (int i = 0; i < reach.length; i++) {
                reach[i] -= window.pads()[i];
            }
        }
        return sums.div(sums(ones.pad(Shapes.enginePads(reach), 0), window));
    }

    /** The sum of each window, as a convolution of each channel with ones. */
    private static NDArray sums(NDArray x, Window window) {
        int n = window.dimensions();
        long[] shape = x.getShape().getShape();
        long[] single = shape.clone();
        single[0] = shape[0] * shape[1];
        single[1] = 1;
        long[] kernel = new long[n + 2];
        kernel[0] = 1;
        kernel[1] = 1;
        System.arraycopy(window.kernel(), 0, kernel, 2, n);
        NDArray ones = x.getManager().ones(new Shape(kernel), x.getDataType());
        NDArray sums = x.getNDArrayInternal()
                .convolution(
                        x.reshape(single),
                        ones,
                        null,
                        new Shape(window.strides()),
                        new Shape(new long[n]),
                        new Shape(window.dilations()),
                        1)
                .head();
        long[] result = sums.getShape().getShape();
        result[0] = shape[0];
        result[1] = shape[1];
        return sums.reshape(result);
    }

    private static NDArray lengthPool(Call call) {
        Window window = Window.of(call);
        long p = call.node().integer("p", 2);
        NDArray powers = call.torch("torch.pow(torch.abs({0}), {})", p);
        NDArray sums = sums(powers.pad(Shapes.enginePads(window.allPads()), 0), window);
        return call.torchOf(new NDArray[] {sums}, "torch.pow({0}, {})", 1.0 / p);
    }

    private static NDArray globalLengthPool(Call call) {
        long p = call.node().integer("p", 2);
        long[] axes = java.util.stream.LongStream.range(2, call.rank(0)).toArray();
        return call.torch("torch.pow(torch.sum(torch.pow(torch.abs({0}), {}), {}, True), {})", p, axes, 1.0 / p);
    }

    private static NDArray global(Call call, NDArray pooled) {
        long[] shape = Shapes.ones(call.rank(0));
        shape[0] = call.shape(0)[0];
        shape[1] = call.shape(0)[1];
        return pooled.reshape(shape);
    }
}
