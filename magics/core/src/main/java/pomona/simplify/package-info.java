/**
 * Passes that make a network simpler and leave its outputs as they are: constants and idle operators are folded away
 * ({@link pomona.simplify.ConstantFolding}), batch normalizations go into the layer before them ({@link
 * pomona.simplify.BatchNormFolding}), and what reaches no output is removed ({@link
 * pomona.simplify.DeadNodeElimination}). Each is one record; start with {@link pomona.simplify.AllFolding}, which applies
 * them in that order.
 */
@Techniques(
        ending = "Folding",
        value = {AllFolding.class, ConstantFolding.class, BatchNormFolding.class, DeadNodeElimination.class})
package pomona.simplify;

import pomona.pass.Techniques;
