package pomona.structure;

import pomona.graph.Node;

/** How channels go through one kind of operator: joins those that belong together and names those of the outputs. */
@FunctionalInterface
interface Rule {

    /** Called once for each operator, in topological order; the channels of all its inputs are known. */
    void apply(Analysis analysis, Node node);
}
