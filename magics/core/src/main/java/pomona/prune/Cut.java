package pomona.prune;

import java.util.List;
import pomona.graph.TensorStore;

/** A choice of weights that go. */
interface Cut {

    /** The weights that the choice is about. */
    List<? extends PrunableWeight> weights();

    /** Copies each weight into its room, with zeros where this cut says so. */
    void copy(List<TensorStore.Room> rooms);
}
