package pomona.train;

import ai.djl.training.dataset.RandomAccessDataset;
import pomona.graph.Network;
import pomona.pass.Option;
import pomona.pass.Pass;

/**
 * Trains a network on labelled data, with the cross entropy of its predictions as the loss.
 *
 * <p>With {@code holdZeros} every weight of a tensor of two or more dimensions that is zero stays zero, so that what
 * pruning removed does not come back: gradients are masked before every step, and weights after it (Han et al. 2015,
 * arXiv 1506.02626, section 3).
 *
 * @param data records of one array for each input of the network, with a class number as the label
 * @param training the settings
 * @param holdZeros whether zero weights stay zero
 */
public record FineTuning(
        @Option("labelled data to train on") RandomAccessDataset data,

        @Option("settings of the training") Training training,

        @Option(value = "whether weights that are zero stay zero", defaultsTo = "true")
        boolean holdZeros)
        implements Pass {

    public FineTuning {
        if (data == null) {
            throw new IllegalArgumentException("Fine-tuning needs data to train on; none was given.");
        }
        if (training == null) {
            throw new IllegalArgumentException("Fine-tuning needs training settings; none were given.");
        }
    }

    @Override
    public Network transform(Network network) {
        return train(network).network();
    }

    /** Does the work and gives the losses on the way as well; the provenance is left as it was. */
    public Trained train(Network network) {
        return new TrainingLoop("fine-tune", training, holdZeros).run(network, data, CrossEntropy.of(network));
    }
}
