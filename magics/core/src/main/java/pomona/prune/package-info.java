/**
 * Sets weights to zero that matter least, one technique a file. Start with {@link pomona.prune.MagnitudePruning}; the
 * choice of weights is made in MagnitudeCut. A pruned weight is a stored zero: the file gets smaller when it is written
 * entropy-coded ({@code .onnx.xz}), and fine-tuning keeps zeros where they are.
 */
@Techniques(
        ending = "Pruning",
        value = {MagnitudePruning.class, ThresholdPruning.class})
package pomona.prune;

import pomona.pass.Techniques;
