import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import pomona.djl.IdxDataset;
import pomona.evaluate.Evaluation;
import pomona.graph.LayerWeight;
import pomona.graph.Network;
import pomona.onnx.Onnx;
import pomona.pass.Pass;
import pomona.pass.Recipe;
import pomona.prune.MagnitudePruning;

/**
 * The networks of Han et al. 2015 on MNIST, trained and then pruned by a recipe: {@code Han NETWORK SEED FOLDER [STAGES]},
 * see run.sh. RUN-DENSITY.onnx.xz goes into the folder for the dense network and for each density of the recipe, RUN being
 * NETWORK-SEED, and a line of results into RUN.tsv; a run that was stopped goes on after its last line.
 */
public final class Han {

    private static final Path HERE = Path.of("src/bench/han");
    private static final Path MNIST = Path.of("../../notebooks/data/mnist");

    private final String name;
    private final String run;
    private final Path folder;
    private final IdxDataset train = IdxDataset.train(MNIST);
    private final IdxDataset test = IdxDataset.test(MNIST);
    private final long start = System.nanoTime();
    private long wallBefore;
    private long processorBefore;

    private Han(String name, long seed, Path folder) {
        this.name = name;
        this.run = name + "-" + seed;
        this.folder = folder;
    }

    public static void main(String[] arguments) throws IOException {
        long seed = Long.parseLong(arguments[1]);
        int stages = arguments.length > 3 ? Integer.parseInt(arguments[3]) : Integer.MAX_VALUE;
        new Han(arguments[0], seed, Path.of(arguments[2])).run(seed, stages);
    }

    private void run(long seed, int stages) throws IOException {
        Files.createDirectories(folder);
        Path results = folder.resolve(run + ".tsv");
        List<String> done = Files.exists(results) ? Files.readAllLines(results) : List.of();
        Network dense = done.isEmpty() ? dense(seed) : Onnx.read(file(density(done.get(0))));
        Network network = done.size() < 2 ? dense : Onnx.read(file(density(done.get(done.size() - 1))));
        if (!done.isEmpty()) {
            String[] last = done.get(done.size() - 1).split("\t");
            wallBefore = Long.parseLong(last[6]);
            processorBefore = Long.parseLong(last[7]);
        } else {
            measure(dense);
        }
        List<Pass> passes = recipe("pruned", Map.of("train", train, "dense", dense));
        int ready = Math.max(1, done.size());
        int stage = 1;
        int made = done.isEmpty() ? 1 : 0;
        for (Pass pass : passes) {
            if (stage >= ready && made < stages) {
                network = pass.apply(network);
            }
            if (!(pass instanceof MagnitudePruning)) {
                if (stage >= ready && made < stages) {
                    measure(network);
                    made++;
                }
                stage++;
            }
        }
    }

    private Network dense(long seed) {
        Network network = LeNets.of(name, seed);
        for (Pass pass : recipe("dense", Map.of("train", train))) {
            network = pass.apply(network);
        }
        return network;
    }

    private static String density(String line) {
        return line.split("\t")[1];
    }

    private Path file(String density) {
        return folder.resolve(run + "-" + density + ".onnx.xz");
    }

    private List<Pass> recipe(String part, Map<String, Object> variables) {
        return Recipe.read(HERE.resolve(name + "-" + part + ".yaml"), variables).passes();
    }

    private void measure(Network network) throws IOException {
        long all = 0;
        long kept = 0;
        StringBuilder layers = new StringBuilder();
        for (LayerWeight weight : LayerWeight.of(network)) {
            all += weight.tensor().size();
            kept += weight.tensor().countNonZeros();
            layers.append(String.format(Locale.ROOT, " %s %.1f%%", weight.layer(),
                    100.0 * weight.tensor().countNonZeros() / weight.tensor().size()));
        }
        double density = 100.0 * kept / all;
        Evaluation evaluation = Evaluation.of(network, test);
        long wall = wallBefore + (System.nanoTime() - start) / 1_000_000_000;
        String line = String.format(Locale.ROOT, "%s\t%.2f\t%d\t%d\t%.2f\t%d\t%d\t%d", run, density, kept,
                network.nonZeros(), evaluation.error(), evaluation.xzBytes(), wall, processorBefore + processorSeconds());
        System.out.println(line + "\t" + layers);
        Onnx.write(network, file(String.format(Locale.ROOT, "%.2f", density)));
        Files.writeString(folder.resolve(run + ".tsv"), line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private static long processorSeconds() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime() / 1_000_000_000;
    }
}
