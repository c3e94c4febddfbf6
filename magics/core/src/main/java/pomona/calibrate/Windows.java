package pomona.calibrate;

import java.util.Arrays;
import java.util.function.Consumer;
import pomona.graph.LayerWeight;
import pomona.graph.Node;
import pomona.graph.Tensor;

/** The positions of a convolution's window over its data: what is under the window, as a row of a matrix. */
final class Windows {

    private final int channels;
    private final int perGroup;
    private final int[] data;
    private final int[] kernel;
    private final int[] strides;
    private final int[] dilations;
    private final int[] begins;
    private final int[] out;

    private Windows(LayerWeight layer, Tensor input, int groups) {
        Node node = layer.node();
        int dims = input.rank() - 2;
        channels = Math.toIntExact(input.dim(1));
        perGroup = channels / groups;
        data = new int[dims];
        kernel = new int[dims];
        for (int d = 0; d < dims; d++) {
            data[d] = Math.toIntExact(input.dim(d + 2));
            kernel[d] = Math.toIntExact(layer.tensor().dim(d + 2));
        }
        long[] ones = new long[dims];
        Arrays.fill(ones, 1);
        strides = Arrays.stream(node.integers("strides", ones))
                .mapToInt(Math::toIntExact)
                .toArray();
        dilations = Arrays.stream(node.integers("dilations", ones))
                .mapToInt(Math::toIntExact)
                .toArray();
        begins = new int[dims];
        out = new int[dims];
        for (int d = 0; d < dims; d++) {
            place(node, d);
        }
    }

    static Windows of(LayerWeight layer, Tensor input, int groups) {
        return new Windows(layer, input, groups);
    }

    /** Where the first window of a dimension begins, and how many there are. */
    private void place(Node node, int d) {
        int reach = (kernel[d] - 1) * dilations[d] + 1;
        String auto = node.text("auto_pad", "NOTSET");
        if (auto.startsWith("SAME")) {
            out[d] = (data[d] + strides[d] - 1) / strides[d];
            int pad = Math.max(0, (out[d] - 1) * strides[d] + reach - data[d]);
            begins[d] = -(auto.equals("SAME_UPPER") ? pad / 2 : (pad + 1) / 2);
            return;
        }
        long[] pads = auto.equals("VALID") ? new long[0] : node.integers("pads");
        int before = pads.length == 0 ? 0 : Math.toIntExact(pads[d]);
        int after = pads.length == 0 ? 0 : Math.toIntExact(pads[d + kernel.length]);
        out[d] = (data[d] + before + after - reach) / strides[d] + 1;
        begins[d] = -before;
    }

    /** Visits the positions of all records; what lies in the padding is 0. */
    void forEach(float[] values, int group, Consumer<float[]> use) {
        int plane = product(data);
        int places = product(kernel);
        int positions = product(out);
        float[] row = new float[perGroup * places];
        for (int record = 0; record < values.length; record += channels * plane) {
            int base = record + group * perGroup * plane;
            for (int position = 0; position < positions; position++) {
                for (int place = 0; place < places; place++) {
                    int offset = offset(position, place);
                    for (int channel = 0; channel < perGroup; channel++) {
                        row[place * perGroup + channel] = offset < 0 ? 0 : values[base + channel * plane + offset];
                    }
                }
                use.accept(row);
            }
        }
    }

    /** The element of a plane that is under a place of the window at a position, or -1 in the padding. */
    private int offset(int position, int place) {
        int offset = 0;
        int scale = 1;
        for (int d = kernel.length - 1; d >= 0; d--) {
            int at = begins[d] + position % out[d] * strides[d] + place % kernel[d] * dilations[d];
            if (at < 0 || at >= data[d]) {
                return -1;
            }
            offset += at * scale;
            scale *= data[d];
            position /= out[d];
            place /= kernel[d];
        }
        return offset;
    }

    private static int product(int[] sizes) {
        return Arrays.stream(sizes).reduce(1, (a, b) -> a * b);
    }
}
