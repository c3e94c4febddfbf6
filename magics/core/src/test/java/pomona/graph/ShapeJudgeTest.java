package pomona.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import pomona.Python;
import pomona.RealModels;
import pomona.onnx.Onnx;

/** Compares shape inference with ONNX's own, on every node case of ONNX's backend tests. */
class ShapeJudgeTest {

    /** Types and sizes that ONNX infers, how many of them are inferred here too, and those that are missing. */
    private static final class Score {
        int models;
        int unread;
        int judged;
        int found;
        final List<String> missing = new ArrayList<>();
        final List<String> contradicted = new ArrayList<>();

        void judge(String model, String value, String what, String theirs, String mine) {
            judged++;
            if (mine.equals(theirs)) {
                found++;
            } else if (mine.equals("?")) {
                missing.add(model + " " + value + " " + what + " " + theirs);
            } else if (Character.isDigit(theirs.charAt(0)) && Character.isDigit(mine.charAt(0))
                    || what.equals("type")
                    || what.equals("rank")) {
                contradicted.add(model + " " + value + " " + what + " " + theirs + ", not " + mine);
            } else {
                found++; // an expression of symbols in the place of another, or a number in the place of a symbol
            }
        }

        @Override
        public String toString() {
            return String.format(
                    java.util.Locale.ROOT,
                    "%d models (%d of types not read): ONNX infers %,d types, ranks and sizes, of which %,d (%.2f %%)"
                            + " are inferred here; %d are contradicted",
                    models,
                    unread,
                    judged,
                    found,
                    100.0 * found / judged,
                    contradicted.size());
        }
    }

    @Test
    void infersWhatOnnxInfersOnItsNodeCases(@TempDir Path folder) throws IOException {
        Path zip = folder.resolve("judged.zip");
        Python.run("shape_judge.py", zip.toString());
        Score score = judge(zip);
        System.out.println("Shape inference: " + score);
        Map<String, Integer> byModel = new TreeMap<>();
        score.missing.forEach(line -> byModel.merge(line.replaceFirst(" .*", ""), 1, Integer::sum));
        System.out.println("not inferred in: " + byModel);

        assertThat(score.contradicted).isEmpty();
        // What lies in a sequence or an optional has no type here, which knows tensors only.
        assertThat(byModel.keySet()).allMatch(model -> model.matches("test_(sequence_map|optional_get_element).*"));
        assertThat(score.found).isGreaterThan(100_000);
    }

    @Test
    void infersWhatOnnxInfersOnPublishedNetworks(@TempDir Path folder) throws IOException {
        Path zip = folder.resolve("judged.zip");
        List<Path> files = new ArrayList<>(List.of(RealModels.miniLmFile()));
        for (String name : List.of("resnet50", "densenet121", "inception_v2", "shufflenet", "squeezenet")) {
            files.add(RealModels.lightFile(name));
        }
        Python.run(
                "shape_judge.py", Stream.concat(Stream.of(zip), files.stream()).toArray());
        Score score = new Score();
        try (ZipFile told = new ZipFile(zip.toFile())) {
            for (Path file : files) {
                Network network = undeclared(Onnx.read(file));
                String entry = file.getFileName().toString().replace(".onnx", ".txt");
                byte[] lines = told.getInputStream(told.getEntry(entry)).readAllBytes();
                judge(network, new String(lines, StandardCharsets.UTF_8), score);
                score.models++;
            }
        }
        System.out.println("Shape inference of published networks: " + score);
        assertThat(score.contradicted).isEmpty();
        assertThat(score.missing).isEmpty();
    }

    /** Nothing is left to infer of MiniLM: every size is a number or an expression of batch and sequence. */
    @Test
    void knowsEveryShapeOfAnExportedTransformer() {
        Map<String, Value> known = ShapeInference.of(undeclared(RealModels.miniLm()));
        assertThat(known.values()).allMatch(value -> value.type() != null && value.shape() != null);
        assertThat(known.values().stream().flatMap(value -> value.shape().stream()))
                .doesNotContain(Dimension.UNKNOWN);
        assertThat(known.get("last_hidden_state"))
                .hasToString("last_hidden_state float[batch_size,sequence_length,384]");
    }

    /** Without what the file says of inner values and outputs. */
    private static Network undeclared(Network network) {
        List<Value> outputs = network.signature().outputs().stream()
                .map(output -> new Value(output.name(), null, null, Opaque.NONE))
                .toList();
        return network.toBuilder().values(List.of()).outputs(outputs).build();
    }

    private static Score judge(Path zip) throws IOException {
        Score score = new Score();
        try (ZipFile file = new ZipFile(zip.toFile())) {
            for (ZipEntry entry :
                    file.stream().filter(e -> e.getName().endsWith(".onnx")).toList()) {
                String name = entry.getName().replaceFirst("\\.onnx$", "");
                String told = new String(
                        file.getInputStream(file.getEntry(name + ".txt")).readAllBytes(), StandardCharsets.UTF_8);
                Network network;
                try {
                    network = Onnx.read(file.getInputStream(entry).readAllBytes(), name);
                } catch (IllegalArgumentException e) {
                    score.unread++;
                    continue;
                }
                score.models++;
                judge(network, told, score);
            }
        }
        return score;
    }

    private static void judge(Network network, String told, Score score) {
        Map<String, Value> known = new HashMap<>();
        Set<String> twice = new HashSet<>();
        for (Map<String, Value> values : ShapeInference.graphs(network).values()) {
            values.keySet().stream().filter(known::containsKey).forEach(twice::add);
            known.putAll(values);
        }
        for (String line : told.lines().toList()) {
            String[] parts = line.split("\t", -1);
            if (twice.contains(parts[0])) {
                continue; // branches may use the same name for different values
            }
            Value value = known.get(parts[0]);
            int code = Integer.parseInt(parts[1]);
            boolean read = Arrays.stream(ElementType.values()).anyMatch(type -> type.code() == code);
            if (read) {
                boolean typed = value != null && value.type() != null;
                score.judge(
                        network.name(),
                        parts[0],
                        "type",
                        "" + code,
                        typed ? "" + value.type().code() : "?");
            }
            if (!parts[2].equals("-")) {
                judge(network.name(), parts[0], parts[2], value == null ? null : value.shape(), score);
            }
        }
    }

    private static void judge(String model, String name, String told, List<Dimension> shape, Score score) {
        String[] sizes = told.isEmpty() ? new String[0] : told.split(",");
        score.judge(model, name, "rank", "" + sizes.length, shape == null ? "?" : "" + shape.size());
        for (int i = 0; shape != null && shape.size() == sizes.length && i < sizes.length; i++) {
            // A Split into more parts than there are elements has a negative size there.
            if (!sizes[i].equals("?") && !sizes[i].startsWith("-")) {
                score.judge(model, name, "size " + i, sizes[i], shape.get(i).toString());
            }
        }
    }
}
