package pomona.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Step;
import pomona.graph.Tensor;
import pomona.safetensors.SafeTensors;

/** What is written is what is read, for networks of whatever weights, attributes, names and texts. */
class WriteReadTest {

    @Property(tries = 120)
    void aNetworkIsReadAsItWasWritten(@ForAll("networks") Network network) throws Exception {
        Network once = Onnx.read(Onnx.bytes(network), "x");
        assertSame(once, network);
        // What was read is what is read again, to the last field.
        assertThat(Onnx.read(Onnx.bytes(once), "x")).isEqualTo(once);
        Path folder = Files.createTempDirectory("write-read");
        for (String name : List.of("a.onnx", "a.onnx.xz")) {
            assertSame(Onnx.read(Onnx.write(network, folder.resolve(name))), network);
            Files.delete(folder.resolve(name));
        }
        assertSame(Onnx.read(Onnx.writeExternal(network, folder.resolve("b.onnx"))), network);
        Files.delete(folder.resolve("b.onnx"));
        Files.deleteIfExists(folder.resolve("b.onnx.data"));
        Files.delete(folder);
    }

    private static void assertSame(Network read, Network written) {
        assertThat(read.nodes()).isEqualTo(written.nodes());
        assertThat(read.weights()).isEqualTo(written.weights());
        assertThat(read.metadata()).isEqualTo(written.metadata());
        assertThat(read.provenance()).isEqualTo(written.provenance());
        assertThat(read.opsets()).isEqualTo(written.opsets());
    }

    @Property(tries = 60)
    void weightsAreReadAsTheyWereWritten(@ForAll("weights") Map<String, Tensor> weights, @ForAll String author)
            throws Exception {
        weights.values().removeIf(tensor -> tensor.type().bits() < 8 || tensor.type() == ElementType.COMPLEX128);
        Path file = Files.createTempFile("write-read", ".safetensors");
        SafeTensors.write(weights, Map.of("author", author), file);
        assertThat(SafeTensors.read(file)).isEqualTo(weights);
        assertThat(SafeTensors.metadata(file)).isEqualTo(Map.of("author", author));
        Files.delete(file);
    }

    @Provide
    Arbitrary<Map<String, Tensor>> weights() {
        Arbitrary<String> names =
                Arbitraries.strings().ofMinLength(1).ofMaxLength(12).filter(n -> !n.isBlank());
        return Arbitraries.maps(names, tensors()).ofMaxSize(6).map(java.util.LinkedHashMap::new);
    }

    @Provide
    Arbitrary<Network> networks() {
        Arbitrary<String> text = Arbitraries.strings().ofMaxLength(10);
        Arbitrary<Attribute> attributes = Arbitraries.oneOf(
                Arbitraries.longs().map(Attribute::of),
                Arbitraries.floats().map(Attribute::of),
                text.map(Attribute::of),
                Arbitraries.longs().list().ofMaxSize(4).map(Attribute.Ints::new),
                Arbitraries.floats().list().ofMaxSize(4).map(Attribute.Reals::new),
                text.list().ofMaxSize(3).map(Attribute.Texts::new),
                tensors().map(Attribute::of));
        Arbitrary<Map<String, Attribute>> settings = Arbitraries.maps(
                        Arbitraries.strings().alpha().ofLength(3), attributes)
                .ofMaxSize(4);
        return Combinators.combine(weights(), settings.list().ofMaxSize(4), text, text)
                .as(WriteReadTest::network);
    }

    private static Network network(
            Map<String, Tensor> weights, List<Map<String, Attribute>> settings, String key, String value) {
        NetworkBuilder builder = Network.builder("made").input("in put", "batch", 3);
        weights.forEach(builder::weight);
        String last = "in put";
        for (int i = 0; i < settings.size(); i++) {
            List<String> inputs = new ArrayList<>(List.of(last, ""));
            inputs.addAll(weights.keySet());
            last = "made " + i;
            Node node = Node.of("Any", i % 2 == 0 ? "" : "node " + i, inputs, last);
            for (Map.Entry<String, Attribute> setting : settings.get(i).entrySet()) {
                node = node.with(setting.getKey(), setting.getValue());
            }
            builder.node(i % 3 == 0 ? node.inDomain("odd.domain") : node);
        }
        if (!key.equals(ProvenanceJson.KEY)) {
            builder.metadata(key, value);
        }
        return builder.opset("odd.domain", 3)
                .provenance(List.of(new Step("Odd", Map.of("text", value))))
                .output(last, "batch", 3)
                .build();
    }

    private static Arbitrary<Tensor> tensors() {
        Arbitrary<long[]> shapes =
                Arbitraries.longs().between(0, 5).array(long[].class).ofMaxSize(4);
        Arbitrary<Tensor> numbers = Combinators.combine(
                        Arbitraries.of(ElementType.values()).filter(type -> type != ElementType.STRING),
                        shapes,
                        Arbitraries.randoms())
                .as((type, shape, random) -> {
                    long count = 1;
                    for (long dim : shape) {
                        count *= dim;
                    }
                    byte[] bytes = new byte[(int) type.bytes(count)];
                    random.nextBytes(bytes);
                    return Tensor.of(type, ByteBuffer.wrap(bytes), shape);
                });
        return numbers;
    }
}
