import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import pomona.report.Report;

/**
 * Puts the results of Han.java together: {@code HanTable FOLDER PLOTLY} prints a table of each network, and writes the
 * curves to FOLDER/density-error.html; PLOTLY is the script that draws them.
 */
public final class HanTable {

    private static final List<String> NETWORKS = List.of("lenet-300-100", "lenet-5");
    private static final Map<String, String> PAPER = Map.of(
            "lenet-300-100", "Han et al. 2015: 267 K weights 1.64 %, 22 K weights (12x) 1.59 %",
            "lenet-5", "Han et al. 2015: 431 K weights 0.80 %, 36 K weights (12x) 0.77 %");

    /** What a careful PyTorch run came to, by the percentage of weights left. */
    private static final Map<String, Map<Double, Double>> PYTORCH = Map.of(
            "lenet-300-100", Map.of(20.0, 0.98, 8.0, 1.09, 2.0, 1.63), "lenet-5", Map.of(5.0, 0.64, 3.5, 0.74));

    private HanTable() {}

    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[0]);
        Map<String, Map<Double, Double>> curves = new LinkedHashMap<>();
        for (String network : NETWORKS) {
            try (Stream<Path> files = Files.list(folder)) {
                List<Path> runs = files.filter(file -> file.getFileName().toString().matches(network + "-\\d+\\.tsv"))
                        .sorted()
                        .toList();
                if (!runs.isEmpty()) {
                    curves.put(network, table(network, runs));
                }
            }
        }
        String drawing = Report.errorAgainstDensity(curves).asJavascript("curves");
        Files.writeString(folder.resolve("density-error.html"), """
                <!DOCTYPE html><meta charset="utf-8"><body style="background: white"><style>.modebar { display: none }</style>
                <div id="curves" style="width: 760px; height: 400px"></div>
                <script>%s</script>%s
                """.formatted(Files.readString(Path.of(arguments[1])), drawing));
    }

    /** Prints a network's table and gives the median error by density. */
    private static Map<Double, Double> table(String network, List<Path> runs) throws IOException {
        Map<Double, List<String[]>> rows = new TreeMap<>(Comparator.reverseOrder());
        List<String> times = new ArrayList<>();
        for (Path run : runs) {
            String[] last = null;
            for (String line : Files.readAllLines(run)) {
                last = line.split("\t");
                rows.computeIfAbsent(Double.valueOf(last[1]), density -> new ArrayList<>()).add(last);
            }
            times.add(last[7] + " s (" + last[6] + " s)");
        }
        System.out.printf("%s   %s%n", network, PAPER.get(network));
        System.out.printf("%9s %8s %8s  %-24s %7s %6s   %s%n", "weights %", "weights", "fewer", "error % of each seed",
                "median", "mean", "PyTorch run");
        Map<Double, Double> curve = new LinkedHashMap<>();
        rows.forEach((density, results) -> {
            double[] errors = results.stream().mapToDouble(row -> Double.parseDouble(row[4])).sorted().toArray();
            double median = (errors[(errors.length - 1) / 2] + errors[errors.length / 2]) / 2;
            curve.put(density, median);
            String judge = PYTORCH.get(network).entrySet().stream()
                    .filter(entry -> Math.abs(entry.getKey() - density) < 0.05)
                    .map(entry -> String.format(Locale.ROOT, "%.2f", entry.getValue()))
                    .findFirst().orElse("");
            System.out.printf(Locale.ROOT, "%9.2f %8s %7.1fx  %-24s %7.2f %6.2f   %s%n", density, results.get(0)[2],
                    100 / density, results.stream().map(row -> row[4]).collect(Collectors.joining("  ")), median,
                    Arrays.stream(errors).average().orElseThrow(), judge);
        });
        System.out.println("processor time (wall time) of each seed: " + String.join(", ", times));
        System.out.println();
        return curve;
    }
}
