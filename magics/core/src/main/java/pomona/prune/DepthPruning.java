package pomona.prune;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import pomona.graph.Constants;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.pass.LayerPattern;
import pomona.pass.Option;
import pomona.simplify.DeadNodeElimination;

/**
 * Removes whole residual blocks: where a network computes x + f(x), x alone is left. In a transformer those are
 * attentions and feed-forward parts, in a residual CNN its blocks of convolutions.
 *
 * <p>A block whose sum has another shape than what it skips, or whose inside is used elsewhere, stays.
 *
 * <p>Source: Fan et al., Reducing Transformer Depth on Demand with Structured Dropout, 2020 (arXiv 1909.11556); Sajjad et
 * al., On the Effect of Dropping Layers of Pre-trained Transformer Models, 2023 (arXiv 2004.03844).
 *
 * @param ratio the share of blocks to remove, from 0 up to but not including 1
 * @param importance what makes a block matter
 * @param layers which blocks, by the names of layers inside: {@code *} and {@code ?} are wildcards, commas separate
 * @param data the data that influence is measured on, or null
 * @param records how many records to measure on at most, 1 or more
 * @param seed the source of random importance
 */
public record DepthPruning(
        @Option(value = "share of blocks to remove, from 0 up to but not including 1", defaultsTo = "0.25")
        double ratio,

        @Option(value = "l2, influence (on data), position or random", defaultsTo = "l2")
        BlockImportance importance,

        @Option(value = "names of layers inside, with * and ?, separated by commas", defaultsTo = "*")
        String layers,

        @Option(value = "data to measure influence on", defaultsTo = "none")
        RandomAccessDataset data,

        @Option(value = "records to measure on at most, 1 or more", defaultsTo = "128")
        int records,

        @Option(value = "source of random importance", defaultsTo = "0")
        long seed)
        implements StructuredPass {

    public DepthPruning {
        StructureChecks.ratio(ratio);
        Checks.notNull(importance, "importance", "l2, influence, position or random");
        StructureChecks.atLeastOne("records", records);
        if (importance == BlockImportance.INFLUENCE && data == null) {
            throw new IllegalArgumentException(
                    "Importance influence is measured on data; none was given (option data).");
        }
        new LayerPattern(layers);
    }

    /** Removes blocks by an importance that needs no data. */
    public DepthPruning(double ratio, BlockImportance importance) {
        this(ratio, importance, "*", null, 128, 0);
    }

    @Override
    public Outcome prune(Network given) {
        Network network = Constants.lift(given);
        List<ResidualBlock> blocks = chosen(network, ResidualBlock.of(network));
        Map<ResidualBlock, Double> scores = scores(network, blocks);
        List<ResidualBlock> ordered = new ArrayList<>(blocks);
        ordered.sort(Comparator.comparingDouble(scores::get));
        int count = (int) Math.round(ratio * blocks.size());
        return new Outcome(without(network, new LinkedHashSet<>(ordered.subList(0, count))), List.of());
    }

    private List<ResidualBlock> chosen(Network network, List<ResidualBlock> blocks) {
        if (blocks.isEmpty()) {
            throw new IllegalArgumentException("Network " + network.name()
                    + " has no residual blocks to remove; a block is x + f(x) with the shape of x.");
        }
        Set<String> names =
                blocks.stream().flatMap(block -> block.layers().stream()).collect(Collectors.toSet());
        List<LayerWeight> candidates = LayerWeight.of(network).stream()
                .filter(weight -> names.contains(weight.node().label()))
                .toList();
        Set<String> matches = new LayerPattern(layers)
                .select(network.name(), candidates).stream()
                        .map(weight -> weight.node().label())
                        .collect(Collectors.toSet());
        return blocks.stream()
                .filter(block -> block.layers().stream().anyMatch(matches::contains))
                .toList();
    }

    private Map<ResidualBlock, Double> scores(Network network, List<ResidualBlock> blocks) {
        Map<ResidualBlock, Double> scores = new HashMap<>();
        SplittableRandom random = new SplittableRandom(seed);
        double[] influences = importance == BlockImportance.INFLUENCE
                ? new BlockInfluence(network, blocks).measure(data, records)
                : new double[blocks.size()];
        IntStream.range(0, blocks.size())
                .forEach(i -> scores.put(
                        blocks.get(i),
                        switch (importance) {
                            case L2 -> blocks.get(i).size(network);
                            case INFLUENCE -> influences[i];
                            case POSITION -> (double) -i;
                            case RANDOM -> random.nextDouble();
                        }));
        return scores;
    }

    /** Whoever took the sum takes what was skipped; of blocks in a row, what the first of them skips. */
    private static Network without(Network network, Set<ResidualBlock> gone) {
        Map<String, String> standIns = new HashMap<>();
        Set<Node> sums = new HashSet<>();
        gone.forEach(block -> {
            standIns.put(block.sum().output(), block.skip());
            sums.add(block.sum());
        });
        List<Node> nodes = new ArrayList<>();
        for (Node node : network.nodes()) {
            if (!sums.contains(node)) {
                nodes.add(node.withInputs(node.inputs().stream()
                        .map(input -> follow(input, standIns))
                        .toList()));
            }
        }
        return new DeadNodeElimination()
                .transform(network.toBuilder().nodes(nodes).build());
    }

    private static String follow(String value, Map<String, String> standIns) {
        String end = value;
        while (standIns.containsKey(end)) {
            end = standIns.get(end);
        }
        return end;
    }
}
