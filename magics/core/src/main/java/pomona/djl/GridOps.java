package pomona.djl;

import static pomona.djl.Operator.of;

import ai.djl.ndarray.NDArray;
import java.util.Locale;
import java.util.Map;

/** Operators that read an image at given places. */
final class GridOps {

    private GridOps() {}

    static void addTo(Map<String, Operator> operators) {
        operators.put("GridSample", of(GridOps::sample));
        operators.put("AffineGrid", of(GridOps::affine));
    }

    private static NDArray sample(Call call) {
        int mode =
                switch (call.node().text("mode", "linear").toLowerCase(Locale.ROOT)) {
                    case "nearest" -> 1;
                    case "cubic", "bicubic" -> 2;
                    default -> 0;
                };
        int padding =
                switch (call.node().text("padding_mode", "zeros")) {
                    case "border" -> 1;
                    case "reflection" -> 2;
                    default -> 0;
                };
        boolean corners = call.node().integer("align_corners", 0) != 0;
        return call.torch("torch.grid_sampler({0}, {1}, {}, {}, {})", mode, padding, corners);
    }

    private static NDArray affine(Call call) {
        boolean corners = call.node().integer("align_corners", 0) != 0;
        return call.torch("torch.affine_grid_generator({0}, {}, {})", call.longs(1), corners);
    }
}
