package pomona.torchscript;

import pomona.graph.ElementType;

/**
 * A value of the network that is made.
 *
 * @param name its name in the network
 * @param type the type of its elements
 * @param rank the number of its dimensions
 * @param copy 0, or the number of a copy: the same values for the network, but other memory for what changes in place
 */
record Symbol(String name, ElementType type, int rank, int copy) {

    Symbol(String name, ElementType type, int rank) {
        this(name, type, rank, 0);
    }

    boolean isWhole() {
        return !type.isFloating();
    }
}
