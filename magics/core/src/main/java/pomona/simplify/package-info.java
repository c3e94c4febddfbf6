/**
 * Passes that make a network simpler and leave its outputs as they are: constants ({@link
 * pomona.simplify.ConstantFolding}), known shapes ({@link pomona.simplify.ShapeFolding}), branches ({@link
 * pomona.simplify.BranchFolding}), idle operators ({@link pomona.simplify.IdentityFolding}) and repeated ones ({@link
 * pomona.simplify.CommonSubexpressionFolding}) are folded away, batch normalizations go into the layer before them ({@link
 * pomona.simplify.BatchNormFolding}), and what reaches no output is removed ({@link
 * pomona.simplify.DeadNodeElimination}). Each is one record; start with {@link pomona.simplify.AllFolding}, which applies
 * them until nothing changes. {@link pomona.simplify.OpsetUpgrade} writes a network in a newer operator set,
 * {@link pomona.simplify.NameShortening} shortens names where a file counts single bytes.
 */
@Techniques(
        ending = "Folding",
        value = {
            AllFolding.class,
            ConstantFolding.class,
            ShapeFolding.class,
            BranchFolding.class,
            IdentityFolding.class,
            CommonSubexpressionFolding.class,
            BatchNormFolding.class,
            DeadNodeElimination.class,
            OpsetUpgrade.class,
            NameShortening.class
        })
package pomona.simplify;

import pomona.pass.Techniques;
