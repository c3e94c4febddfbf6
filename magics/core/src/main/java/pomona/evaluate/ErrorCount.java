package pomona.evaluate;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import pomona.djl.RuntimeSession;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.pass.Progress;

/** Counts the records of a data set that a classifier gets wrong. */
final class ErrorCount {

    private final Network network;
    private final String output;
    private long records;
    private long errors;
    private Map<String, Tensor> firstFeeds;

    private ErrorCount(Network network) {
        this.network = network;
        this.output = network.signature().outputs().get(0).name();
    }

    static ErrorCount of(Network network, RandomAccessDataset data, int batchSize) {
        ErrorCount count = new ErrorCount(network);
        try (RuntimeSession session = RuntimeSession.open(network);
                Progress progress = Progress.start("evaluate " + network.name(), data.size())) {
            FedBatch.forEach(network, data, batchSize, Long.MAX_VALUE, batch -> {
                count.add(batch, session.run(batch.feeds()).get(count.output));
                progress.advance(batch.size(), String.format(Locale.ROOT, "error %.2f %%", count.percent()));
            });
        }
        return count;
    }

    /** Refuses data that errors can not be counted on, as its first record tells. */
    static void check(Network network, RandomAccessDataset data) {
        ErrorCount count = new ErrorCount(network);
        try (RuntimeSession session = RuntimeSession.open(network)) {
            FedBatch.forEach(
                    network,
                    data,
                    1,
                    1,
                    batch -> count.add(batch, session.run(batch.feeds()).get(count.output)));
        }
    }

    /** Counts errors on the first records; null when the data has no class numbers or the network gives no classes. */
    static ErrorCount ofClassifier(Network network, RandomAccessDataset data, long records) {
        ErrorCount count = new ErrorCount(network);
        boolean[] countable = {true};
        int batchSize = EvaluationOptions.DEFAULTS.batchSize();
        try (RuntimeSession session = RuntimeSession.open(network)) {
            FedBatch.forEach(network, data, (int) Math.min(batchSize, records), records, batch -> {
                if (!countable[0] || batch.labels() == null) {
                    countable[0] = false;
                    return;
                }
                Tensor answers = session.run(batch.feeds()).get(count.output);
                countable[0] = areClasses(batch, answers) && hasLabelFor(batch, answers.dim(1));
                if (countable[0]) {
                    count.add(batch, answers);
                }
            });
        }
        return countable[0] ? count : null;
    }

    long records() {
        return records;
    }

    double percent() {
        return 100.0 * errors / records;
    }

    /** The first record as a batch of one, or as large as the network's fixed batch. */
    Map<String, Tensor> firstFeeds() {
        return firstFeeds;
    }

    private void add(FedBatch batch, Tensor answers) {
        if (firstFeeds == null) {
            firstFeeds = FedBatch.fixedBatch(network) > 0
                    ? batch.feeds()
                    : batch.head(1).feeds();
        }
        if (batch.labels() == null) {
            throw new IllegalArgumentException("The data set has no labels; errors are counted against labels.");
        }
        if (!areClasses(batch, answers)) {
            throw new IllegalArgumentException("Network " + network.name() + " gives " + output + " " + answers
                    + " for " + batch.size() + " records; a classifier gives (records, classes).");
        }
        int classes = Math.toIntExact(answers.dim(1));
        long[] labels = labels(batch, classes);
        float[] values = answers.toFloatArray();
        for (int i = 0; i < batch.size(); i++) {
            errors += largest(values, i * classes, classes) == labels[i] ? 0 : 1;
        }
        records += batch.size();
    }

    private static boolean areClasses(FedBatch batch, Tensor answers) {
        return answers.rank() == 2 && answers.dim(0) == batch.size() && answers.dim(1) >= 2;
    }

    private static boolean hasLabelFor(FedBatch batch, long classes) {
        long labels = batch.labels().size();
        return labels == batch.size() * classes
                || labels == batch.size()
                        && Arrays.stream(batch.labels().toLongArray()).allMatch(n -> n >= 0 && n < classes);
    }

    /** The right classes: numbers of classes, or rows of which the largest element marks the class. */
    private long[] labels(FedBatch batch, int classes) {
        Tensor labels = batch.labels();
        if (labels.size() == batch.size()) {
            long[] numbers = labels.toLongArray();
            for (long number : numbers) {
                if (number < 0 || number >= classes) {
                    throw new IllegalArgumentException("The data has the label " + number + ", but network "
                            + network.name() + " has the classes 0 to " + (classes - 1) + ".");
                }
            }
            return numbers;
        }
        if (labels.size() == (long) batch.size() * classes) {
            float[] rows = labels.toFloatArray();
            long[] numbers = new long[batch.size()];
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = largest(rows, i * classes, classes);
            }
            return numbers;
        }
        throw new IllegalArgumentException("The labels are " + labels + " for " + batch.size()
                + " records; there must be one class number for each.");
    }

    /** The place of the largest of some values, the first of equals; -1 when one of them is NaN. */
    private static int largest(float[] values, int from, int count) {
        int best = 0;
        for (int i = 0; i < count; i++) {
            if (Float.isNaN(values[from + i])) {
                return -1;
            }
            if (values[from + i] > values[from + best]) {
                best = i;
            }
        }
        return best;
    }
}
