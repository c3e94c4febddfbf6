package pomona.distill;

import ai.djl.ndarray.NDArray;
import ai.djl.training.dataset.RandomAccessDataset;
import pomona.djl.Scalars;
import pomona.graph.Network;
import pomona.pass.Option;
import pomona.pass.Pass;
import pomona.train.ClassScores;
import pomona.train.CrossEntropy;
import pomona.train.Objective;
import pomona.train.Teacher;
import pomona.train.Trained;
import pomona.train.Training;
import pomona.train.TrainingLoop;

/**
 * Trains a network on a teacher's softened outputs and on the labels.
 *
 * <p>The loss is {@code softShare * T^2 * KL(teacher || student)}, both distributions softened by the temperature
 * {@code T} and the divergence summed over classes and averaged over records, plus {@code 1 - softShare} times the
 * cross entropy with the labels. The factor T^2 keeps the size of the gradients the same at every temperature. Source:
 * Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural Network", 2015 (arXiv 1503.02531), section 2.
 *
 * <p>The teacher runs on ONNX Runtime, so it may be any network that runs there. Its first output and that of the
 * student are scores of the same classes, as logits or behind Softmax or LogSoftmax.
 *
 * @param teacher the network to learn from; it stays as it is
 * @param data labelled records that both networks take
 * @param temperature how much the outputs are softened, above 0; 1 leaves them as they are
 * @param softShare the weight of the teacher's word against the labels, 0 to 1
 * @param training the settings
 * @param holdZeros whether zero weights of the student stay zero
 */
public record SoftTargetDistillation(
        @Option("the network to learn from") Network teacher,

        @Option("labelled data to train on") RandomAccessDataset data,

        @Option(value = "how much outputs are softened, above 0", defaultsTo = "4")
        double temperature,

        @Option(value = "weight of the teacher's word against the labels, 0 to 1", defaultsTo = "0.9")
        double softShare,

        @Option("settings of the training") Training training,

        @Option(value = "whether weights that are zero stay zero", defaultsTo = "true")
        boolean holdZeros)
        implements Pass {

    public SoftTargetDistillation {
        DistillationChecks.given(teacher, data, training);
        if (!(temperature > 0 && temperature < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("temperature must be above 0; it was " + temperature + ".");
        }
        if (!(softShare >= 0 && softShare <= 1)) {
            throw new IllegalArgumentException("soft-share must be 0 to 1; it was " + softShare + ".");
        }
    }

    /** Temperature 4, nine tenths of the loss from the teacher. */
    public SoftTargetDistillation(Network teacher, RandomAccessDataset data, Training training) {
        this(teacher, data, 4, 0.9, training, true);
    }

    @Override
    public Network transform(Network student) {
        return train(student).network();
    }

    /** Does the work and gives the losses on the way as well; the provenance is left as it was. */
    public Trained train(Network student) {
        try (Teacher session = Teacher.of(teacher, student)) {
            return new TrainingLoop("distill", training, holdZeros).run(student, data, objective(student, session));
        }
    }

    private Objective objective(Network student, Teacher session) {
        ClassScores ofTeacher = ClassScores.of(teacher);
        ClassScores ofStudent = ClassScores.of(student);
        CrossEntropy hard = CrossEntropy.of(student);
        Objective objective = (predictions, batch, labels) -> {
            NDArray target = ofTeacher.logits(session.outputs(batch).head());
            NDArray soft = divergence(target, ofStudent.logits(predictions.head()));
            NDArray loss = Scalars.times(soft, softShare * temperature * temperature);
            return softShare == 1
                    ? loss
                    : loss.add(Scalars.times(hard.loss(predictions, batch, labels), 1 - softShare));
        };
        return softShare == 1 ? objective : Objective.withLabels(objective);
    }

    /** KL(teacher || student) of the softened distributions, averaged over records. */
    private NDArray divergence(NDArray teacherLogits, NDArray studentLogits) {
        NDArray logP = Scalars.times(teacherLogits, 1 / temperature).logSoftmax(-1);
        NDArray logQ = Scalars.times(studentLogits, 1 / temperature).logSoftmax(-1);
        return logP.exp().mul(logP.sub(logQ)).sum(new int[] {-1}).mean();
    }
}
