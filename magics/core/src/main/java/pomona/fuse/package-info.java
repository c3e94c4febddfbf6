/**
 * Fusion: several networks become one, side by side or by training one on what the others say together. Start with
 * {@link pomona.fuse.ParallelFusion}.
 */
@Techniques(
        ending = "Fusion",
        value = {ParallelFusion.class, MergeFusion.class})
package pomona.fuse;

import pomona.pass.Techniques;
