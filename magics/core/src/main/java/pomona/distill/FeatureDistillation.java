package pomona.distill;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.dataset.RandomAccessDataset;
import pomona.graph.Network;
import pomona.pass.Option;
import pomona.pass.Pass;
import pomona.train.Objective;
import pomona.train.Teacher;
import pomona.train.Trained;
import pomona.train.Training;
import pomona.train.TrainingLoop;

/**
 * Trains a network to compute what a teacher computes: its outputs, or values inside that both have. No labels are
 * needed, so any real input will do; it is how a pruned sentence encoder learns its embeddings back.
 *
 * <p>The values that are matched have the same names and shapes, (batch, ..., width), in both networks, as they have in
 * a network and what structured pruning made of it. The loss is averaged over their places; a mask, which is an input of
 * the shape (batch, places), leaves out places where it is 0, such as padding. With {@code pool} the means of vectors
 * over the places are matched and not each vector, as sentence embeddings are made. The losses of several values are
 * added up.
 *
 * <p>Sources: Romero et al., FitNets: Hints for Thin Deep Nets, 2015 (arXiv 1412.6550); Jiao et al., TinyBERT, 2020
 * (arXiv 1909.10351), section 3.1.
 *
 * @param teacher the network to learn from; it stays as it is
 * @param data records that both networks take; labels are not looked at
 * @param loss how the difference is measured
 * @param values names of the values to match, separated by commas; {@code output} is the first output
 * @param mask the input that says which places count, or {@code none}
 * @param pool whether the means over places are matched
 * @param training the settings
 * @param holdZeros whether zero weights of the student stay zero
 */
public record FeatureDistillation(
        @Option("the network to learn from") Network teacher,

        @Option("data to train on, without labels") RandomAccessDataset data,

        @Option(value = "mse or cosine", defaultsTo = "mse") FeatureLoss loss,

        @Option(value = "names of values to match, separated by commas; output is the first", defaultsTo = "output")
        String values,

        @Option(value = "the input that says which places count, such as attention_mask", defaultsTo = "none")
        String mask,

        @Option(value = "whether means over places are matched, as sentence embeddings are", defaultsTo = "false")
        boolean pool,

        @Option("settings of the training") Training training,

        @Option(value = "whether weights that are zero stay zero", defaultsTo = "true")
        boolean holdZeros)
        implements Pass {

    public FeatureDistillation {
        DistillationChecks.given(teacher, data, training);
        if (loss == null) {
            throw new IllegalArgumentException("Option loss was not given; it is mse or cosine.");
        }
        values = values == null || values.isBlank() ? MatchedValues.OUTPUT : values;
        mask = mask == null || mask.isBlank() ? MatchedValues.NONE : mask;
    }

    /** Matches the first outputs by their mean squared difference. */
    public FeatureDistillation(Network teacher, RandomAccessDataset data, Training training) {
        this(teacher, data, FeatureLoss.MSE, MatchedValues.OUTPUT, MatchedValues.NONE, false, training, true);
    }

    public FeatureDistillation withLoss(FeatureLoss newLoss) {
        return new FeatureDistillation(teacher, data, newLoss, values, mask, pool, training, holdZeros);
    }

    public FeatureDistillation withValues(String names) {
        return new FeatureDistillation(teacher, data, loss, names, mask, pool, training, holdZeros);
    }

    public FeatureDistillation withMask(String input) {
        return new FeatureDistillation(teacher, data, loss, values, input, pool, training, holdZeros);
    }

    public FeatureDistillation withPool(boolean means) {
        return new FeatureDistillation(teacher, data, loss, values, mask, means, training, holdZeros);
    }

    @Override
    public Network transform(Network student) {
        return train(student).network();
    }

    /** Does the work and gives the losses on the way as well; the provenance is left as it was. */
    public Trained train(Network student) {
        MatchedValues matched = MatchedValues.of(values, mask, teacher, student);
        try (Teacher session = Teacher.of(matched.teacher(), matched.student())) {
            Trained trained = new TrainingLoop("distill", training, holdZeros)
                    .run(matched.student(), data, objective(matched, session));
            return new Trained(student.withWeights(trained.network().weights()), trained.history());
        }
    }

    private Objective objective(MatchedValues matched, Teacher session) {
        return (predictions, batch, labels) -> {
            NDList targets = session.outputs(batch);
            NDArray counts = matched.maskPlace() < 0 ? null : batch.get(matched.maskPlace());
            NDArray sum = null;
            for (int i = 0; i < targets.size(); i++) {
                matched.check(i, predictions.get(i), targets.get(i));
                NDArray one = loss(predictions.get(i), targets.get(i), counts);
                sum = sum == null ? one : sum.add(one);
            }
            return sum;
        };
    }

    private NDArray loss(NDArray student, NDArray target, NDArray counts) {
        NDArray weights = counts == null ? null : counts.toType(student.getDataType(), false);
        if (pool) {
            return loss.perPlace(mean(student, weights), mean(target, weights)).mean();
        }
        NDArray places = loss.perPlace(student, target);
        return weights == null ? places.mean() : places.mul(weights).sum().div(weights.sum());
    }

    /** The mean over the places that count, (batch, places, width) to (batch, width). */
    private static NDArray mean(NDArray vectors, NDArray weights) {
        int[] places = {1};
        return weights == null
                ? vectors.mean(places)
                : vectors.mul(weights.expandDims(-1)).sum(places).div(weights.sum(places, true));
    }
}
