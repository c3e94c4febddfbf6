package pomona.jupyter.magic;

import org.dflib.jjava.jupyter.kernel.magic.MagicsRegistry;

/** The magics of Pomona. */
public final class Magics {

    private Magics() {}

    /** Registers all of them; names on their lines are looked up in the session. */
    public static void register(MagicsRegistry registry, Session session) {
        registry.registerLineMagic("network", new NetworkMagic(session))
                .registerLineMagic("evaluate", new EvaluateMagic(session))
                .registerLineMagic("compare", new CompareMagic(session))
                .registerLineMagic("plot", new PlotMagic(session))
                .registerLineMagic("export", new ExportMagic(session))
                .registerLineMagic("fuse", new FuseMagic(session));
        family(registry, session, "prune", "prune", "Removes the weights that matter least.");
        family(registry, session, "quantize", "quantize", "Stores and computes with fewer bits.");
        family(registry, session, "distill", "distill", "Trains a network to answer as its teacher does.");
        family(registry, session, "finetune", "train", "Trains a network further; what was pruned stays zero.");
    }

    private static void family(
            MagicsRegistry registry, Session session, String magic, String family, String description) {
        registry.registerLineMagic(magic, new PassMagic(session, magic, family, description));
    }
}
