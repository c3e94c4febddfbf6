package pomona.djl;

import java.util.LinkedHashMap;
import java.util.Map;

/** What {@link Fusion} makes of groups of operators. */
final class FusedOps {

    private FusedOps() {}

    static Map<String, Operator> operators() {
        return new LinkedHashMap<>();
    }
}
