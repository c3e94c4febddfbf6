package pomona.fuse;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.dataset.RandomAccessDataset;
import java.util.ArrayList;
import java.util.List;
import pomona.djl.Scalars;
import pomona.graph.Network;
import pomona.pass.Option;
import pomona.pass.Pass;
import pomona.train.Objective;
import pomona.train.Teacher;
import pomona.train.Trained;
import pomona.train.Training;
import pomona.train.TrainingLoop;

/**
 * Trains one network on the weighted sum of the outputs of several: what they know together goes into it.
 *
 * <p>The network this is applied to is the merged one; its outputs are fitted to the weighted sum by mean squared error
 * (over records and classes), without labels. Sources: Bucila, Caruana and Niculescu-Mizil, "Model Compression", KDD
 * 2006; Ba and Caruana, "Do Deep Nets Really Need to be Deep?", 2014 (arXiv 1312.6184), section 2.2, for fitting
 * logits.
 *
 * @param peers the networks whose outputs are summed; they stay as they are
 * @param weights the share of each peer; they are divided by their sum; empty for equal shares
 * @param data records that all networks take; labels are not looked at
 * @param training the settings
 */
public record MergeFusion(
        @Option("the networks whose outputs are summed") List<Network> peers,

        @Option(value = "the share of each peer; empty for equal shares", defaultsTo = "")
        List<Double> weights,

        @Option("data to train on") RandomAccessDataset data,

        @Option("settings of the training") Training training)
        implements Pass {

    public MergeFusion {
        peers = List.copyOf(peers);
        weights = List.copyOf(weights);
        if (peers.isEmpty()) {
            throw new IllegalArgumentException("peers is empty; merging takes at least one peer.");
        }
        Shares.check(weights, peers.size());
        if (data == null) {
            throw new IllegalArgumentException("Merging needs data to train on; none was given.");
        }
        if (training == null) {
            throw new IllegalArgumentException("Merging needs training settings; none were given.");
        }
    }

    /** Equal shares. */
    public MergeFusion(List<Network> peers, RandomAccessDataset data, Training training) {
        this(peers, List.of(), data, training);
    }

    @Override
    public Network transform(Network merged) {
        return train(merged).network();
    }

    /** Does the work and gives the losses on the way as well; the provenance is left as it was. */
    public Trained train(Network merged) {
        peers.forEach(peer -> Agreement.checkValues(merged, peer));
        List<Teacher> teachers = new ArrayList<>();
        try {
            peers.forEach(peer -> teachers.add(Teacher.of(peer, merged)));
            return new TrainingLoop("merge", training, false).run(merged, data, objective(teachers));
        } finally {
            teachers.forEach(Teacher::close);
        }
    }

    private Objective objective(List<Teacher> teachers) {
        List<Double> shares = Shares.normalized(weights, peers.size());
        return (predictions, batch, labels) -> {
            NDList sum = weightedSum(teachers, shares, batch);
            NDArray loss = squaredError(predictions.head(), sum.head());
            for (int place = 1; place < predictions.size(); place++) {
                loss = loss.add(squaredError(predictions.get(place), sum.get(place)));
            }
            return loss;
        };
    }

    private static NDArray squaredError(NDArray prediction, NDArray target) {
        return prediction.sub(target).square().mean();
    }

    private static NDList weightedSum(List<Teacher> teachers, List<Double> shares, NDList batch) {
        NDList sum = new NDList();
        for (int i = 0; i < teachers.size(); i++) {
            NDList outputs = teachers.get(i).outputs(batch);
            for (int place = 0; place < outputs.size(); place++) {
                NDArray term = Scalars.times(outputs.get(place), shares.get(i));
                if (i == 0) {
                    sum.add(term);
                } else {
                    sum.set(place, sum.get(place).add(term));
                }
            }
        }
        return sum;
    }
}
