/**
 * Passes that make a network simpler and leave its outputs as they are: constants and idle operators are folded away
 * ({@link pomona.simplify.ConstantFolding}), batch normalizations go into the layer before them ({@link
 * pomona.simplify.BatchNormFolding}), and what reaches no output is removed ({@link
 * pomona.simplify.DeadNodeElimination}). Each is one record; apply them in that order.
 */
package pomona.simplify;
