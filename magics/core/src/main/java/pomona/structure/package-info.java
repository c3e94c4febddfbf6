/**
 * Which channels of which tensors belong together, so that whole channels, neurons, heads and hidden units can be
 * removed from any network, or put in another order. Start with {@link pomona.structure.Coupling}; every kind of operator
 * has a rule in one of the files named Rules, which says how channels go through it and how the operator is rewritten when
 * some are gone. Coupled groups are those of Fang et al., DepGraph: Towards Any Structural Pruning, 2023 (arXiv
 * 2301.12900), found here one channel at a time instead of one layer at a time.
 */
package pomona.structure;
