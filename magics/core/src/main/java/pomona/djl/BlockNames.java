package pomona.djl;

import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What people would call the blocks of a tree: {@code fc1}, {@code conv2}, {@code block1.norm1}, or the name that a
 * block's author gave it.
 */
final class BlockNames {

    private static final Map<String, String> KINDS = Map.of(
            "Linear", "fc",
            "Conv1d", "conv",
            "Conv2d", "conv",
            "Conv3d", "conv",
            "BatchNorm", "norm",
            "LayerNorm", "norm",
            "batchFlatten", "flatten",
            "SequentialBlock", "block",
            "ParallelBlock", "parallel");

    private BlockNames() {}

    /** The names of a block's children, in order, without that of the block itself. */
    static Map<Block, String> children(Block parent) {
        Map<Block, String> names = new IdentityHashMap<>();
        Map<String, Integer> counts = new HashMap<>();
        for (Pair<String, Block> child : parent.getChildren()) {
            Block block = child.getValue();
            // DJL puts the number of the child before the name: 01Linear.
            String given = child.getKey().replaceFirst("^\\d\\d+", "");
            boolean unnamed = given.equals(block.getClass().getSimpleName());
            String base = unnamed ? kind(block) : given;
            int count = counts.merge(base, 1, Integer::sum);
            names.put(block, unnamed || count > 1 ? base + count : base);
        }
        return names;
    }

    /** The names of all parameters, such as {@code fc1.weight}. */
    static Map<Parameter, String> parameters(Block root) {
        Map<Parameter, String> names = new LinkedHashMap<>();
        collect(root, root.getChildren().isEmpty() ? kind(root) + "1" : "", names);
        return names;
    }

    static String join(String parent, String child) {
        return parent.isEmpty() ? child : parent + "." + child;
    }

    /** What a block without a name of its own is called, without its number. */
    static String kind(Block block) {
        String name = block.getClass().getSimpleName();
        if (block instanceof LambdaBlock lambda) {
            String given = lambda.getName();
            boolean meaningful = given.matches("[A-Za-z]\\w*") && !given.equals(LambdaBlock.DEFAULT_NAME);
            name = meaningful ? given : "lambda";
        }
        String kind = name.matches("(global)?[MmAa](ax|vg)Pool\\dd") ? "pool" : KINDS.get(name);
        if (kind != null) {
            return kind;
        }
        boolean acronym = name.matches(".*[A-Z]{2}.*");
        return acronym ? name.toLowerCase(Locale.ROOT) : decapitalized(name);
    }

    private static void collect(Block block, String path, Map<Parameter, String> names) {
        for (Parameter parameter : block.getDirectParameters().values()) {
            names.putIfAbsent(parameter, join(path, parameter.getName()));
        }
        Map<Block, String> children = children(block);
        for (Block child : block.getChildren().values()) {
            collect(child, join(path, children.get(child)), names);
        }
    }

    private static String decapitalized(String name) {
        return name.isEmpty() ? "block" : Character.toLowerCase(name.charAt(0)) + name.substring(1);
    }
}
