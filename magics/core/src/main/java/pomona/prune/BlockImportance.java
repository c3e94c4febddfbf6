package pomona.prune;

/** What makes a residual block matter: those of least importance go. */
public enum BlockImportance {
    /** The root of the mean square of the weights inside it. Source: as {@link ChannelImportance#L2}. */
    L2,
    /**
     * How much it turns what it is fed: one minus the mean cosine of what goes in and what comes out; needs data. Source:
     * Men et al., ShortGPT: Layers in Large Language Models are More Redundant Than You Expect, 2024 (arXiv 2403.03853).
     */
    INFLUENCE,
    /** Its place: the last blocks go first. Source: Sajjad et al., On the Effect of Dropping Layers, 2023 (2004.03844). */
    POSITION,
    /** Nothing: the choice is random, as a control. */
    RANDOM
}
