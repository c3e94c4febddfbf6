package pomona.safetensors;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import pomona.graph.Tensor;
import pomona.graph.Workshop;

/** The file that says which of several files has which weight. */
final class ShardIndex {

    private static final String NAME = "model.safetensors.index.json";
    private static final String SUFFIX = ".safetensors.index.json";

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private ShardIndex() {}

    /** The index of a folder, or its only file of weights. */
    static Path find(Path folder) {
        try (Stream<Path> listed = Files.list(folder)) {
            List<Path> files = listed.sorted().toList();
            List<Path> indices = files.stream()
                    .filter(file -> file.toString().endsWith(SUFFIX))
                    .toList();
            List<Path> weights = files.stream()
                    .filter(file -> file.toString().endsWith(".safetensors"))
                    .toList();
            if (indices.size() == 1 || weights.size() == 1 && indices.isEmpty()) {
                return indices.isEmpty() ? weights.get(0) : indices.get(0);
            }
            throw new IllegalArgumentException("Folder " + folder + " has " + indices.size() + " files *" + SUFFIX
                    + " and " + weights.size() + " files *.safetensors; it should have one index, or one file.");
        } catch (IOException e) {
            throw new UncheckedIOException(folder + " can not be read: " + e.getMessage() + ".", e);
        }
    }

    static Map<String, Tensor> read(Path index) {
        if (index.toString().endsWith(".safetensors")) {
            return SafeTensorsFile.open(index).tensors();
        }
        JsonNode map;
        try {
            map = JSON.readTree(index.toFile()).path("weight_map");
        } catch (IOException e) {
            throw new IllegalArgumentException(index + " is not an index of safetensors files: it is not JSON.", e);
        }
        if (!map.isObject()) {
            throw new IllegalArgumentException(
                    index + " is not an index of safetensors files: it has no object weight_map.");
        }
        Map<String, Map<String, Tensor>> files = new HashMap<>();
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : map.properties()) {
            String name = entry.getValue().asText();
            Tensor tensor = files.computeIfAbsent(name, file -> SafeTensorsFile.open(inside(index, file))
                            .tensors())
                    .get(entry.getKey());
            if (tensor == null) {
                throw new IllegalArgumentException(index + " says that weight " + entry.getKey() + " is in " + name
                        + ", which has none of that name.");
            }
            tensors.put(entry.getKey(), tensor);
        }
        return tensors;
    }

    /** A file of the index's own folder, links followed. */
    private static Path inside(Path index, String name) {
        Path folder = index.toAbsolutePath().getParent();
        try {
            Path file = folder.resolve(name).normalize();
            if (Files.isRegularFile(file) && file.toRealPath().startsWith(folder.toRealPath())) {
                return file;
            }
        } catch (InvalidPathException e) {
            // Not even the name of a file: said below.
        } catch (IOException e) {
            throw new UncheckedIOException(name + " beside " + index + " can not be read: " + e.getMessage() + ".", e);
        }
        throw new IllegalArgumentException(
                index + " says that weights are in " + name + ", which is no file in the folder of the index.");
    }

    static void write(Map<String, Tensor> tensors, Path folder, long mostBytes) {
        List<Map<String, Tensor>> shards = shards(tensors, mostBytes);
        ObjectNode root = JSON.createObjectNode();
        long total = tensors.values().stream().mapToLong(Tensor::bytes).sum();
        root.putObject("metadata").put("total_size", total);
        ObjectNode map = root.putObject("weight_map");
        List<String> names = new ArrayList<>();
        try (Workshop workshop = Workshop.beside(folder.resolve(NAME))) {
            for (int i = 0; i < shards.size(); i++) {
                String name = String.format(Locale.ROOT, "model-%05d-of-%05d.safetensors", i + 1, shards.size());
                new SafeTensorsWriter(shards.get(i), Map.of("format", "pt")).write(workshop, name);
                shards.get(i).keySet().forEach(weight -> map.put(weight, name));
                names.add(name);
            }
            JSON.writerWithDefaultPrettyPrinter()
                    .writeValue(workshop.resolve(NAME).toFile(), root);
            Files.deleteIfExists(workshop.target(NAME));
            for (String name : names) {
                workshop.publish(name);
            }
            workshop.publish(NAME);
        } catch (IOException e) {
            throw Workshop.failure(folder, e);
        }
    }

    private static List<Map<String, Tensor>> shards(Map<String, Tensor> tensors, long mostBytes) {
        List<Map<String, Tensor>> shards = new ArrayList<>(List.of(new LinkedHashMap<>()));
        long bytes = 0;
        for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
            Map<String, Tensor> last = shards.get(shards.size() - 1);
            if (!last.isEmpty() && bytes + entry.getValue().bytes() > mostBytes) {
                last = new LinkedHashMap<>();
                shards.add(last);
                bytes = 0;
            }
            last.put(entry.getKey(), entry.getValue());
            bytes += entry.getValue().bytes();
        }
        return shards;
    }
}
