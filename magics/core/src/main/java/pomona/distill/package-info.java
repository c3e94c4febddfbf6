/**
 * Distillation: a network, mostly a small one, learns from what another network says. Start with
 * {@link pomona.distill.SoftTargetDistillation}.
 */
@Techniques(
        ending = "Distillation",
        value = {SoftTargetDistillation.class})
package pomona.distill;

import pomona.pass.Techniques;
