package pomona;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import pomona.graph.Dimension;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.Tensor;
import pomona.graph.Value;
import pomona.onnx.Onnx;

/** Well-known architectures of tiny widths, as PyTorch's two exporters write them: see make_models.py beside them. */
public final class ExportedNetworks {

    private ExportedNetworks() {}

    /** The networks by the names of their files, which end with the exporter's. */
    public static List<String> names() {
        return Arrays.asList(
                "bert-eager-script",
                "bert-sdpa-script",
                "bert-sdpa-dynamo",
                "distilbert-sdpa-dynamo",
                "gpt2-eager-script",
                "gpt2-sdpa-dynamo",
                "llama-sdpa-dynamo",
                "phi3-sdpa-dynamo",
                "causal-script",
                "causal-dynamo",
                "vit-script",
                "vit-dynamo",
                "timm-vit-script",
                "timm-vit-dynamo",
                "swin-dynamo",
                "mobilenetv3-script",
                "mobilenetv3-dynamo",
                "efficientnet-script",
                "lstm-script",
                "lstm-dynamo",
                "gru-script");
    }

    /** One of these networks. */
    public static Network read(String name) {
        try {
            return Onnx.read(Path.of(ExportedNetworks.class
                            .getResource("/pomona/exported/" + name + ".onnx")
                            .toURI()))
                    .named(name);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Words below 50, a mask of ones but for the last two places of the last text, and images between -1 and 1, the same
     * for the same sizes; a length is no part of images.
     */
    public static Map<String, Tensor> feeds(Network network, int batch, int length) {
        Random random = new Random(31L * batch + length);
        Map<String, Tensor> feeds = new LinkedHashMap<>();
        for (Value input : network.signature().inputs()) {
            long[] shape = new long[input.shape().size()];
            for (int i = 0; i < shape.length; i++) {
                Dimension dimension = input.shape().get(i);
                shape[i] = dimension.isFixed() ? dimension.size() : i == 0 ? batch : length;
            }
            int size = (int) LongStream.of(shape).reduce(1, (a, b) -> a * b);
            boolean mask = input.name().equals("attention_mask");
            feeds.put(
                    input.name(),
                    input.type() == ElementType.FLOAT
                            ? Networks.uniform(random.nextLong(), -1, 1, shape)
                            : Tensor.ofLongs(
                                    LongStream.range(0, size)
                                            .map(i -> !mask ? 1 + random.nextInt(49) : i < size - 2 ? 1 : 0)
                                            .toArray(),
                                    shape));
        }
        return feeds;
    }
}
