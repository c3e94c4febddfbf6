package pomona.jupyter.magic;

import java.util.Map;
import pomona.graph.Network;
import pomona.report.Report;

/** Prunes a network, and shows layer by layer what is left of it and which weights went. */
final class PruneMagic extends PassMagic {

    PruneMagic(Session session) {
        super(session, "prune", "prune", "Removes the weights that matter least.");
    }

    @Override
    void show(Network before, Network after, Map<String, Object> options) {
        session.display(Report.pruning(before, after));
        session.display(Report.pruningHistogram(before, after));
    }
}
