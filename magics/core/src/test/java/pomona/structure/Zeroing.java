package pomona.structure;

import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.Tensor;

/** What removing channels is measured against: a whole network in which they count for nothing. */
public final class Zeroing {

    private Zeroing() {}

    /** The network with zeros at every place that the channels stand on. */
    public static Network of(Coupling coupling, Collection<Integer> gone) {
        Set<Integer> channels = new HashSet<>(gone);
        Map<String, Tensor> changed = new LinkedHashMap<>();
        coupling.network().weights().forEach((name, tensor) -> {
            int[][] axes = coupling.channels(name);
            if (axes == null || tensor.type() != ElementType.FLOAT) {
                return;
            }
            float[] values = tensor.toFloatArray();
            for (int axis = 0; axis < axes.length; axis++) {
                int inner = 1;
                for (int i = axis + 1; i < axes.length; i++) {
                    inner *= (int) tensor.dim(i);
                }
                for (int i = 0; axes[axis] != null && i < values.length; i++) {
                    values[i] = channels.contains(axes[axis][i / inner % axes[axis].length]) ? 0 : values[i];
                }
            }
            changed.put(name, Tensor.ofFloats(values, tensor.shape()));
        });
        return coupling.network().withWeights(changed);
    }
}
