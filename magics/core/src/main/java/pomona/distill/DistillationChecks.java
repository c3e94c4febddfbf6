package pomona.distill;

import ai.djl.training.dataset.RandomAccessDataset;
import pomona.graph.Network;
import pomona.train.Training;

/** Refuses a distillation that something was not given for. */
final class DistillationChecks {

    private DistillationChecks() {}

    static void given(Network teacher, RandomAccessDataset data, Training training) {
        if (teacher == null) {
            throw new IllegalArgumentException("Distillation needs a teacher; none was given.");
        }
        if (data == null) {
            throw new IllegalArgumentException("Distillation needs data to train on; none was given.");
        }
        if (training == null) {
            throw new IllegalArgumentException("Distillation needs training settings; none were given.");
        }
    }
}
