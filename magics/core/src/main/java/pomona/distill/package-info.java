/**
 * Distillation: a network, mostly a small one, learns from what another network says, or computes on the
 * way. Start with {@link pomona.distill.SoftTargetDistillation}; {@link pomona.distill.FeatureDistillation} needs no labels.
 */
@Techniques(
        ending = "Distillation",
        value = {SoftTargetDistillation.class, FeatureDistillation.class})
package pomona.distill;

import pomona.pass.Techniques;
