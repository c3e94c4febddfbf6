/**
 * Removes what matters least, one technique a file. Start with {@link pomona.prune.MagnitudePruning}; what techniques for
 * single weights share is in {@link pomona.prune.Selection} and SparsityCuts, and the border between what goes and what
 * stays in MagnitudeCut. A pruned weight is a stored zero: the file gets smaller when it is written entropy-coded ({@code
 * .onnx.xz}), and fine-tuning keeps zeros where they are.
 *
 * <p>Structured techniques, of which {@link pomona.prune.ChannelPruning} is the first to read, remove whole channels,
 * heads and blocks instead, so that less is stored and computed; what must go together is found in {@code
 * pomona.structure}.
 */
@Techniques(
        ending = "Pruning",
        value = {
            MagnitudePruning.class,
            ThresholdPruning.class,
            RandomPruning.class,
            LampPruning.class,
            TaylorPruning.class,
            SnipPruning.class,
            OptimalBrainDamagePruning.class,
            WandaPruning.class,
            SparseGptPruning.class,
            IterativePruning.class,
            GradualPruning.class,
            MovementPruning.class,
            MaxDropPruning.class,
            ChannelPruning.class,
            HeadPruning.class,
            ConstantChannelPruning.class,
            DepthPruning.class
        })
package pomona.prune;

import pomona.pass.Techniques;
