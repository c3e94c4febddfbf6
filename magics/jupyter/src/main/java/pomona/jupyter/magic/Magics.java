package pomona.jupyter.magic;

import java.util.LinkedHashMap;
import java.util.Map;

/** The magics of Pomona. */
public final class Magics {

    private Magics() {}

    /** All of them by name; names on their lines are looked up in the session. */
    public static Map<String, Magic<?>> in(Session session) {
        Map<String, Magic<?>> magics = new LinkedHashMap<>();
        magics.put("network", new NetworkMagic(session));
        magics.put("profile", new ProfileMagic(session));
        magics.put("evaluate", new EvaluateMagic(session));
        magics.put("sensitivity", new SensitivityMagic(session));
        magics.put("compare", new CompareMagic(session));
        magics.put("plot", new PlotMagic(session));
        magics.put("export", new ExportMagic(session));
        magics.put("fuse", new FuseMagic(session));
        magics.put("simplify", new SimplifyMagic(session));
        magics.put("prune", new PruneMagic(session));
        magics.put("quantize", new QuantizeMagic(session));
        family(magics, session, "distill", "distill", "Trains a network to answer as its teacher does.");
        family(magics, session, "finetune", "train", "Trains a network further; what was pruned stays zero.");
        return magics;
    }

    private static void family(
            Map<String, Magic<?>> magics, Session session, String magic, String family, String description) {
        magics.put(magic, new PassMagic(session, magic, family, description));
    }
}
