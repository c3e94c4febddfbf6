/**
 * Training of networks on DJL's PyTorch engine: the loop that fine-tuning and distillation share (TrainingLoop), its
 * settings (Training), and what it tells while it runs (LossHistory, ProgressListener). Start with FineTuning;
 * BatchNormReestimation measures instead of training.
 */
@Techniques(
        ending = "",
        value = {FineTuning.class, BatchNormReestimation.class})
package pomona.train;

import pomona.pass.Techniques;
