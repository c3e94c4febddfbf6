package pomona.train;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.translate.TranslateException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.stream.LongStream;
import pomona.djl.RuntimeSession;
import pomona.djl.SeededSampler;
import pomona.djl.Tensors;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Opaque;
import pomona.graph.ShapeInference;
import pomona.graph.Tensor;
import pomona.graph.Value;
import pomona.pass.Progress;

/**
 * A network whose batch normalizations are written out in plain operators, each with the mean and variance of its batch
 * as outputs, so that any network that runs on ONNX Runtime can be measured.
 */
final class BatchStatistics {

    /** The names of a normalization's stored statistics, and of the outputs that have those of a batch. */
    private record Site(String mean, String variance, String batchMean, String batchVariance) {}

    private final String name;
    private final List<Site> sites = new ArrayList<>();
    private Network open;

    private BatchStatistics(String name) {
        this.name = name;
    }

    static BatchStatistics of(Network network) {
        BatchStatistics statistics = new BatchStatistics(network.name());
        Map<String, Value> shapes = ShapeInference.of(network);
        NetworkBuilder builder = network.toBuilder();
        List<Node> nodes = new ArrayList<>();
        for (Node node : network.nodes()) {
            Value input = node.is("BatchNormalization") ? shapes.get(node.input(0)) : null;
            boolean written = input != null
                    && input.shape() != null
                    && isFloat(network, node.input(3))
                    && isFloat(network, node.input(4));
            if (written) {
                statistics.writeOut(
                        builder, network.opset(), node, input.shape().size(), nodes);
            } else {
                nodes.add(node);
            }
        }
        List<Value> outputs = new ArrayList<>();
        for (Site site : statistics.sites) {
            outputs.add(new Value(site.batchMean(), ElementType.FLOAT, null, Opaque.NONE));
            outputs.add(new Value(site.batchVariance(), ElementType.FLOAT, null, Opaque.NONE));
        }
        if (!outputs.isEmpty()) {
            statistics.open = builder.nodes(nodes).outputs(outputs).build();
        }
        return statistics;
    }

    private static boolean isFloat(Network network, String weight) {
        Tensor tensor = network.weights().get(weight);
        return tensor != null && tensor.type() == ElementType.FLOAT;
    }

    boolean isEmpty() {
        return sites.isEmpty();
    }

    private void writeOut(NetworkBuilder builder, long opset, Node norm, int rank, List<Node> nodes) {
        String at = builder.freshName(norm.output() + ".batch");
        Site site = new Site(norm.input(3), norm.input(4), at + ".mean", at + ".variance");
        sites.add(site);
        long[] axes = LongStream.range(0, rank).filter(axis -> axis != 1).toArray();
        long[] column = new long[rank];
        Arrays.fill(column, 1);
        column[1] = -1;
        builder.weight(at + ".axes", Tensor.ofLongs(axes, axes.length));
        builder.weight(at + ".column", Tensor.ofLongs(column, rank));
        builder.weight(at + ".epsilon", Tensor.scalar(norm.real("epsilon", 1e-5f)));
        nodes.add(mean(opset, norm.input(0), axes, at, site.batchMean()));
        nodes.add(Node.of("Sub", at + ".sub", List.of(norm.input(0), site.batchMean()), at + ".centred"));
        nodes.add(Node.of("Mul", at + ".mul", List.of(at + ".centred", at + ".centred"), at + ".squares"));
        nodes.add(mean(opset, at + ".squares", axes, at, site.batchVariance()));
        nodes.add(Node.of("Add", at + ".add", List.of(site.batchVariance(), at + ".epsilon"), at + ".safe"));
        nodes.add(Node.of("Sqrt", at + ".sqrt", List.of(at + ".safe"), at + ".deviation"));
        nodes.add(Node.of("Div", at + ".div", List.of(at + ".centred", at + ".deviation"), at + ".normal"));
        nodes.add(Node.of("Reshape", at + ".scale", List.of(norm.input(1), at + ".column"), at + ".factor"));
        nodes.add(Node.of("Reshape", at + ".shift", List.of(norm.input(2), at + ".column"), at + ".term"));
        nodes.add(Node.of("Mul", at + ".times", List.of(at + ".normal", at + ".factor"), at + ".scaled"));
        nodes.add(Node.of("Add", at + ".plus", List.of(at + ".scaled", at + ".term"), norm.output()));
    }

    /** Axes are an attribute up to operator set 17 and an input from 18 on. */
    private static Node mean(long opset, String value, long[] axes, String at, String output) {
        return opset < 18
                ? Node.of("ReduceMean", output, List.of(value), output).with("axes", Attribute.ofInts(axes))
                : Node.of("ReduceMean", output, List.of(value, at + ".axes"), output);
    }

    /** The statistics of all records, by the name of the weight that holds them. */
    Map<String, float[]> measure(RandomAccessDataset data, int batchSize, int records, long seed) {
        Map<String, double[]> sums = new HashMap<>();
        long wanted = Math.min(records, data.size());
        long done = 0;
        // One thread, so that sums do not depend on how many processors there are.
        try (RuntimeSession session = RuntimeSession.open(open, 1);
                NDManager manager = NDManager.newBaseManager();
                Progress progress = Progress.start("measure normalizations of " + name, wanted)) {
            for (Batch batch : data.getData(manager, new SeededSampler(seed, batchSize))) {
                try (batch) {
                    if (Thread.interrupted()) {
                        throw new CancellationException("Measuring the batch normalizations of network " + name
                                + " was interrupted; the network is as it was.");
                    }
                    DataCheck.check(open, batch.getData());
                    add(session.run(feeds(batch.getData())), batch.getSize(), sums);
                    done += batch.getSize();
                    progress.advance(batch.getSize(), "");
                }
                if (done >= wanted) {
                    break;
                }
            }
            if (sums.values().stream().flatMapToDouble(Arrays::stream).anyMatch(sum -> !Double.isFinite(sum))) {
                DataCheck.finite(open, data, batchSize);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("The data can not be read: " + e.getMessage(), e);
        } catch (TranslateException e) {
            throw new IllegalArgumentException("The data can not be prepared: " + e.getMessage(), e);
        }
        return together(sums, done);
    }

    private Map<String, Tensor> feeds(NDList batch) {
        Map<String, Tensor> feeds = new LinkedHashMap<>();
        for (int i = 0; i < batch.size(); i++) {
            feeds.put(open.signature().inputs().get(i).name(), Tensors.of(batch.get(i)));
        }
        return feeds;
    }

    /** Adds means and mean squares, each as often as the batch has records. */
    private void add(Map<String, Tensor> outputs, int size, Map<String, double[]> sums) {
        for (Site site : sites) {
            float[] means = outputs.get(site.batchMean()).toFloatArray();
            float[] variances = outputs.get(site.batchVariance()).toFloatArray();
            double[] first = sums.computeIfAbsent(site.batchMean(), key -> new double[means.length]);
            double[] second = sums.computeIfAbsent(site.batchVariance(), key -> new double[means.length]);
            for (int c = 0; c < means.length; c++) {
                first[c] += (double) size * means[c];
                second[c] += size * (variances[c] + (double) means[c] * means[c]);
            }
        }
    }

    private Map<String, float[]> together(Map<String, double[]> sums, long count) {
        Map<String, float[]> together = new LinkedHashMap<>();
        for (Site site : sites) {
            double[] first = sums.get(site.batchMean());
            double[] second = sums.get(site.batchVariance());
            float[] means = new float[first.length];
            float[] variances = new float[first.length];
            for (int c = 0; c < means.length; c++) {
                double mean = first[c] / count;
                means[c] = (float) mean;
                variances[c] = (float) Math.max(0, second[c] / count - mean * mean);
            }
            together.put(site.mean(), means);
            together.put(site.variance(), variances);
        }
        return together;
    }
}
