package pomona.pass;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import pomona.graph.Network;

/**
 * An ordered list of passes, itself a pass; a YAML file of the same names and options means the same thing.
 *
 * <pre>
 * - prune: {method: magnitude, sparsity: 0.9, scope: global}
 * - quantize: {method: dynamic}
 * </pre>
 *
 * @param passes the passes in the order in which they are applied
 */
public record Recipe(List<Pass> passes) implements Pass {

    private static final TypeReference<List<LinkedHashMap<String, LinkedHashMap<String, Object>>>> ENTRIES =
            new TypeReference<>() {};

    public Recipe {
        passes = List.copyOf(passes);
    }

    /** A recipe of these passes. */
    public static Recipe of(Pass... passes) {
        return new Recipe(Arrays.asList(passes));
    }

    /**
     * Reads a recipe from a YAML file.
     *
     * @param variables the objects that options such as {@code data} and {@code teacher} name
     * @throws IllegalArgumentException if there is no such file, or it is not a recipe
     */
    public static Recipe read(Path file, Map<String, ?> variables) {
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException("There is no file " + file + "; give the path of a recipe in YAML.");
        }
        try {
            return parse(Files.readString(file), variables);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " can not be read: " + e.getMessage() + ".", e);
        }
    }

    /** Reads a recipe from YAML text; see {@link #read}. */
    public static Recipe parse(String yaml, Map<String, ?> variables) {
        Function<String, Object> resolve = name -> {
            if (!variables.containsKey(name)) {
                throw new IllegalArgumentException(
                        "There is no variable " + name + NearestNames.suggest(name, variables.keySet()));
            }
            return variables.get(name);
        };
        List<Pass> passes = new ArrayList<>();
        for (Map<String, LinkedHashMap<String, Object>> entry : entries(yaml)) {
            entry.forEach((family, options) -> {
                PassBinding binding = PassBinding.of(family);
                Map<String, Object> rest = binding.inOwnWords(options == null ? Map.of() : options);
                Object method = rest.remove(PassBinding.METHOD);
                passes.add(binding.bind(method == null ? null : method.toString(), rest, resolve));
            });
        }
        return new Recipe(passes);
    }

    private static List<LinkedHashMap<String, LinkedHashMap<String, Object>>> entries(String yaml) {
        try {
            List<LinkedHashMap<String, LinkedHashMap<String, Object>>> entries =
                    new YAMLMapper().readValue(yaml, ENTRIES);
            return entries == null ? List.of() : entries;
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
            // What is wrong in YAML itself is told by its reader; that other YAML is no recipe is told by the sentence.
            throw new IllegalArgumentException(
                    "The recipe is not understood at line " + line
                            + "; a recipe is a list of entries such as \"- prune: {method: magnitude, sparsity: 0.9}\".",
                    e instanceof MismatchedInputException ? null : e);
        }
    }

    /** Applies the passes one after the other; provenance gets a step for each of them. */
    @Override
    public Network apply(Network network) {
        return transform(network);
    }

    @Override
    public Network transform(Network network) {
        Network result = network;
        for (Pass pass : passes) {
            result = pass.apply(result);
        }
        return result;
    }
}
