package pomona.structure;

import pomona.graph.Node;

/** Changes an operator so that it fits what is left of its channels: a number of groups, sizes, places. */
@FunctionalInterface
interface Rewrite {

    Node apply(Node node, Removal removal);
}
