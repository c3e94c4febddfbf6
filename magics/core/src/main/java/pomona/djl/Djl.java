package pomona.djl;

import ai.djl.Model;
import pomona.graph.Network;

/** The way from DJL to networks and back. */
public final class Djl {

    private Djl() {}

    /** A DJL model of a network, trainable, on the PyTorch engine; close it to free its native memory. */
    public static Model model(Network network) {
        return model(network.name(), NetworkBlock.of(network));
    }

    /** A DJL model around a network's block, with the block initialized; see {@link NetworkBlock}. */
    public static Model model(String name, NetworkBlock block) {
        Model model = Model.newInstance(name, "PyTorch");
        model.setBlock(block);
        block.initialize(model.getNDManager());
        return model;
    }
}
