package pomona.prune;

import pomona.evaluate.Profile;

/** What a share to remove is a share of. */
public enum PruningTarget {
    /** Channels, of each layer or of all together. */
    CHANNELS("channels"),
    /** Parameters of the whole network. */
    PARAMETERS("parameters"),
    /** Multiply-accumulates of the whole network; sizes that are not fixed, such as the batch, count as 1. */
    MACS("multiply-accumulates");

    private final String text;

    PruningTarget(String text) {
        this.text = text;
    }

    /** How many of them a network has; -1 when it is not known. */
    long of(Profile profile) {
        return this == PARAMETERS ? profile.parameters() : profile.macs();
    }

    /** In words, for messages. */
    String text() {
        return text;
    }
}
