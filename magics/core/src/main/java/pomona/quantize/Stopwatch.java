package pomona.quantize;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.List;
import java.util.Map;
import pomona.evaluate.EvaluationOptions;
import pomona.evaluate.Latency;
import pomona.evaluate.SampleFeeds;
import pomona.graph.Network;
import pomona.graph.Tensor;

/** Times networks in turns, so that whatever else the machine does slows all of them. */
@FunctionalInterface
interface Stopwatch {

    /** The median times of a run of each network, in microseconds. */
    List<Double> micros(List<Network> networks);

    /** Runs the first record of a data set at batch 1 on one thread. */
    static Stopwatch of(Network network, RandomAccessDataset data) {
        Map<String, Tensor> feeds = SampleFeeds.of(network, data);
        EvaluationOptions options = new EvaluationOptions(1, true, 20, 300, 1);
        return networks -> Latency.inTurns(networks, feeds, options).stream()
                .map(Latency::median)
                .toList();
    }
}
