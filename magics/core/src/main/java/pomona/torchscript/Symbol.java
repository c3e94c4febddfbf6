package pomona.torchscript;

import pomona.graph.ElementType;

/** A value of the network that is made: its name, the type of its elements and the number of its dimensions. */
record Symbol(String name, ElementType type, int rank) {

    boolean isWhole() {
        return !type.isFloating();
    }
}
