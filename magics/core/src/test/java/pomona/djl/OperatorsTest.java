package pomona.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import pomona.graph.Attribute;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Opaque;
import pomona.graph.Tensor;
import pomona.graph.Value;

/** Every operator gives on the training engine what ONNX Runtime gives. */
class OperatorsTest {

    /** A network of one operator: inputs whose name starts with c are constants, the others are fed. */
    record Case(String name, long opset, Node node, Map<String, Tensor> inputs, int outputs) {

        static Case of(String op, Tensor... inputs) {
            Map<String, Tensor> named = new LinkedHashMap<>();
            for (int i = 0; i < inputs.length; i++) {
                boolean number = inputs[i] != null && inputs[i].type() == ElementType.INT64 && i > 0;
                named.put((number ? "c" : "x") + i, inputs[i]);
            }
            List<String> names = named.entrySet().stream()
                    .map(e -> e.getValue() == null ? "" : e.getKey())
                    .toList();
            named.values().removeIf(t -> t == null);
            return new Case(op, 17, Node.of(op, "n", names, "y0"), named, 1);
        }

        Case with(String attribute, Attribute value) {
            return new Case(name + " " + attribute, opset, node.with(attribute, value), inputs, outputs);
        }

        Case opset(long version) {
            return new Case(name + " opset " + version, version, node, inputs, outputs);
        }

        Case outputs(int n) {
            List<String> names = new ArrayList<>();
            for (int i = 0; i < n; i++) {
                names.add("y" + i);
            }
            return new Case(name, opset, node.withOutputs(names), inputs, n);
        }

        /** Makes an input a constant of the graph, as limits and ratios mostly are. */
        Case constant(int index) {
            Map<String, Tensor> renamed = new LinkedHashMap<>();
            inputs.forEach((key, tensor) -> renamed.put(key.equals("x" + index) ? "c" + index : key, tensor));
            List<String> names = new ArrayList<>(node.inputs());
            names.set(index, "c" + index);
            return new Case(name, opset, node.withInputs(names), renamed, outputs);
        }

        Network network() {
            NetworkBuilder builder = Network.builder("one").opset("", opset).node(node);
            inputs.forEach((key, tensor) -> {
                if (key.startsWith("c")) {
                    builder.weight(key, tensor);
                } else {
                    Object[] dims = Arrays.stream(tensor.shape()).boxed().toArray();
                    builder.input(Value.of(key, tensor.type(), dims));
                }
            });
            for (int i = 0; i < outputs; i++) {
                builder.output(new Value("y" + i, null, null, Opaque.NONE));
            }
            return builder.build();
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> activations() {
        Tensor x = random(1, 2, 3, 4);
        Stream<Case> plain = Stream.of(
                        "Relu LeakyRelu Elu Celu Selu Sigmoid HardSigmoid HardSwish Tanh Softplus Softsign ThresholdedRelu"
                                .split(" "))
                .map(op -> Case.of(op, x));
        return Stream.concat(
                plain,
                Stream.of(
                        Case.of("LeakyRelu", x).with("alpha", Attribute.of(0.3f)),
                        Case.of("Elu", x).with("alpha", Attribute.of(0.7f)),
                        Case.of("Celu", x).with("alpha", Attribute.of(0.7f)),
                        Case.of("Selu", x).with("alpha", Attribute.of(1.5f)),
                        Case.of("HardSigmoid", x).with("alpha", Attribute.of(0.5f)),
                        Case.of("PRelu", x, random(2, 3, 1)),
                        Case.of("Mish", x).opset(18),
                        Case.of("Gelu", x).opset(20),
                        Case.of("Gelu", x).opset(20).with("approximate", Attribute.of("tanh")),
                        Case.of("Softmax", x),
                        Case.of("Softmax", x).with("axis", Attribute.of(1)),
                        Case.of("Softmax", x).opset(11),
                        Case.of("LogSoftmax", x),
                        Case.of("LogSoftmax", x).opset(11).with("axis", Attribute.of(2)),
                        Case.of("Clip", x, Tensor.scalar(-0.5f), Tensor.scalar(0.5f))
                                .constant(1)
                                .constant(2),
                        Case.of("Clip", x, null, Tensor.scalar(0.5f)),
                        Case.of("Clip", x).opset(10).with("min", Attribute.of(0f)),
                        Case.of("Dropout", x),
                        Case.of("Dropout", x).opset(10)));
    }

    static Stream<Case> arithmetic() {
        Tensor a = random(1, 2, 3, 4);
        Tensor b = positive(2, 3, 1);
        Tensor ints = Tensor.ofLongs(new long[] {7, -7, 9, 4}, 4);
        Tensor flags = Tensor.ofBytes(ElementType.BOOL, new byte[] {1, 0, 1}, 3, 1);
        Stream<Case> binary = Stream.of("Add Sub Mul Div Sum Max Min Mean Equal Greater Less".split(" "))
                .map(op -> Case.of(op, a, b));
        Stream<Case> unary = Stream.of("Exp Neg Abs Erf Sin Cos Floor Ceil Round Sign Reciprocal Identity".split(" "))
                .map(op -> Case.of(op, a));
        Stream<Case> others = Stream.of(
                Case.of("Sqrt", b),
                Case.of("Log", b),
                Case.of("Pow", positive(4, 2, 3), Tensor.scalar(2.5f)),
                Case.of("Pow", a, Tensor.scalar(2f)).constant(1),
                Case.of("Pow", a, Tensor.scalar(3L)),
                Case.of("Div", ints, Tensor.ofLongs(new long[] {2, 2, -4, 3}, 4)),
                Case.of("GreaterOrEqual", a, a),
                Case.of("LessOrEqual", a, b),
                Case.of("Not", flags),
                Case.of("And", flags, flags),
                Case.of("Or", flags, flags),
                Case.of("Where", flags, a, random(5, 4)),
                Case.of("Max", a, b, random(9, 4)),
                Case.of("Mean", a, b, random(9, 4)),
                Case.of("MatMul", random(1, 3, 4), random(2, 4, 5)),
                Case.of("MatMul", random(1, 2, 3, 4), random(2, 4, 5)),
                Case.of("MatMul", random(1, 2, 1, 3, 4), random(2, 5, 4, 2)),
                Case.of("MatMul", random(1, 4), random(2, 4, 2)),
                Case.of("Gemm", random(1, 3, 4), random(2, 4, 5), random(3, 5)),
                Case.of("Gemm", random(1, 3, 4), random(2, 5, 4), random(3, 5)).with("transB", Attribute.of(1)),
                Case.of("Gemm", random(1, 3, 4), random(2, 5, 4), random(3, 1)).with("transB", Attribute.of(1)),
                Case.of("Gemm", random(1, 3, 4), random(2, 5, 4)).with("transB", Attribute.of(1)),
                Case.of("Gemm", random(1, 4, 3), random(2, 4, 5), random(3, 3, 1))
                        .with("transA", Attribute.of(1))
                        .with("alpha", Attribute.of(0.5f))
                        .with("beta", Attribute.of(2f)));
        return Stream.of(binary, unary, others).flatMap(s -> s);
    }

    static Stream<Case> convolutions() {
        Tensor image = random(1, 2, 4, 7, 6);
        Tensor weight = random(2, 6, 4, 3, 2);
        Attribute twoByTwo = Attribute.ofInts(2, 2);
        return Stream.of(
                Case.of("Conv", image, weight, random(3, 6)),
                Case.of("Conv", image, weight)
                        .with("strides", Attribute.ofInts(2, 1))
                        .with("pads", Attribute.ofInts(1, 0, 1, 0)),
                Case.of("Conv", image, weight).with("pads", Attribute.ofInts(0, 1, 2, 0)),
                Case.of("Conv", image, weight).with("auto_pad", Attribute.of("SAME_UPPER")),
                Case.of("Conv", image, weight)
                        .with("auto_pad", Attribute.of("SAME_LOWER"))
                        .with("strides", twoByTwo),
                Case.of("Conv", image, weight).with("auto_pad", Attribute.of("VALID")),
                Case.of("Conv", image, weight).with("dilations", Attribute.ofInts(2, 3)),
                Case.of("Conv", image, random(4, 4, 1, 3, 3)).with("group", Attribute.of(4)),
                Case.of("Conv", random(1, 2, 3, 9), random(2, 5, 3, 4), random(3, 5)),
                Case.of("Conv", random(1, 1, 2, 4, 5, 6), random(2, 3, 2, 2, 2, 2)),
                Case.of("ConvTranspose", image, random(2, 4, 3, 3, 2), random(3, 3)),
                Case.of("ConvTranspose", image, random(2, 4, 3, 3, 2))
                        .with("strides", Attribute.ofInts(3, 2))
                        .with("pads", Attribute.ofInts(1, 0, 0, 1))
                        .with("output_padding", Attribute.ofInts(2, 1)),
                Case.of("ConvTranspose", image, random(2, 4, 3, 2, 2))
                        .with("group", Attribute.of(2))
                        .with("dilations", twoByTwo),
                Case.of("ConvTranspose", random(1, 2, 3, 5), random(2, 3, 2, 3)).with("strides", Attribute.ofInts(2)));
    }

    static Stream<Case> pooling() {
        Tensor image = random(1, 2, 3, 7, 6);
        Attribute kernel = Attribute.ofInts(3, 2);
        Attribute strides = Attribute.ofInts(2, 2);
        Stream<Case> both = Stream.of("MaxPool", "AveragePool")
                .map(op -> Case.of(op, image).with("kernel_shape", kernel))
                .flatMap(c -> Stream.of(
                        c,
                        c.with("strides", strides),
                        c.with("strides", strides).with("ceil_mode", Attribute.of(1)),
                        c.with("pads", Attribute.ofInts(1, 1, 1, 1)),
                        c.with("pads", Attribute.ofInts(0, 1, 2, 0)),
                        c.with("auto_pad", Attribute.of("SAME_UPPER")).with("strides", strides)));
        Case average = Case.of("AveragePool", image).with("kernel_shape", kernel);
        return Stream.concat(
                both,
                Stream.of(
                        average.with("count_include_pad", Attribute.of(1)).with("pads", Attribute.ofInts(1, 1, 1, 1)),
                        average.with("count_include_pad", Attribute.of(1)).with("pads", Attribute.ofInts(0, 1, 2, 0)),
                        Case.of("MaxPool", random(1, 2, 3, 8))
                                .with("kernel_shape", Attribute.ofInts(3))
                                .with("strides", Attribute.ofInts(2)),
                        Case.of("AveragePool", random(1, 2, 3, 8)).with("kernel_shape", Attribute.ofInts(3)),
                        Case.of("GlobalAveragePool", image),
                        Case.of("GlobalMaxPool", image),
                        Case.of("GlobalLpPool", image),
                        Case.of("GlobalLpPool", image).with("p", Attribute.of(3)),
                        Case.of("GlobalAveragePool", random(1, 2, 3, 8))));
    }

    static Stream<Case> normalizations() {
        Tensor image = random(1, 2, 3, 4, 5);
        return Stream.of(
                Case.of("BatchNormalization", image, random(2, 3), random(3, 3), random(4, 3), positive(5, 3)),
                Case.of("BatchNormalization", random(1, 4, 3), random(2, 3), random(3, 3), random(4, 3), positive(5, 3))
                        .with("epsilon", Attribute.of(0.01f)),
                Case.of("LayerNormalization", image, random(2, 5), random(3, 5)),
                Case.of("LayerNormalization", image, random(2, 5)),
                Case.of("LayerNormalization", image, random(2, 4, 5), random(3, 4, 5))
                        .with("axis", Attribute.of(2))
                        .with("epsilon", Attribute.of(0.1f)));
    }

    static Stream<Case> reductions() {
        Tensor x = random(1, 2, 3, 4);
        Stream<Case> plain = Stream.of(
                        "ReduceMean ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceSumSquare".split(" "))
                .flatMap(op -> Stream.of(
                        Case.of(op, x),
                        Case.of(op, x).with("axes", Attribute.ofInts(0, -1)),
                        Case.of(op, x).with("axes", Attribute.ofInts(1)).with("keepdims", Attribute.of(0)),
                        Case.of(op, x, longs(-1)).opset(18)));
        return Stream.concat(
                plain,
                Stream.of(
                        Case.of("ReduceSum", x),
                        Case.of("ReduceSum", x, longs(0, 2)).with("keepdims", Attribute.of(0)),
                        Case.of("ArgMax", x).with("axis", Attribute.of(-1)),
                        Case.of("ArgMin", x).with("axis", Attribute.of(1)).with("keepdims", Attribute.of(0))));
    }

    static Stream<Case> shapes() {
        Tensor x = random(1, 2, 3, 4);
        return Stream.of(
                Case.of("Reshape", x, longs(0, -1)),
                Case.of("Reshape", x, longs(4, 1, 6)),
                Case.of("Flatten", x),
                Case.of("Flatten", x).with("axis", Attribute.of(0)),
                Case.of("Flatten", x).with("axis", Attribute.of(-1)),
                Case.of("Transpose", x),
                Case.of("Transpose", x).with("perm", Attribute.ofInts(1, 2, 0)),
                Case.of("Squeeze", random(1, 1, 3, 1)),
                Case.of("Squeeze", random(1, 1, 3, 1), longs(-1)),
                Case.of("Squeeze", random(1, 1, 3, 1)).opset(11).with("axes", Attribute.ofInts(0)),
                Case.of("Unsqueeze", x, longs(0, -1)),
                Case.of("Unsqueeze", x).opset(11).with("axes", Attribute.ofInts(1, 3)),
                Case.of("Concat", x, random(2, 2, 5, 4)).with("axis", Attribute.of(1)),
                Case.of("Concat", x, x, x).with("axis", Attribute.of(-1)),
                Case.of("Split", x).with("axis", Attribute.of(2)).outputs(2),
                Case.of("Split", x, longs(1, 2)).with("axis", Attribute.of(1)).outputs(2),
                Case.of("Slice", x, longs(1), longs(3), longs(2)),
                Case.of("Slice", x, longs(0, -3), longs(1, 99), longs(0, -1), longs(1, 2)),
                Case.of("Slice", x, longs(-1), longs(-99), longs(2), longs(-1)),
                Case.of("Slice", x, longs(3), longs(0), longs(2), longs(-2)),
                Case.of("Slice", x, longs(2), longs(-1), longs(1), longs(-1)),
                Case.of("Gather", x, longs(1)),
                Case.of("Gather", x, Tensor.ofLongs(new long[] {2, 0, -1, 1}, 2, 2))
                        .with("axis", Attribute.of(1)),
                Case.of("Gather", x, Tensor.scalar(-1L)).with("axis", Attribute.of(2)),
                Case.of("Expand", random(1, 3, 1), longs(2, 1, 5)),
                Case.of("Tile", x, longs(1, 2, 3)),
                Case.of("Pad", x, longs(0, 1, 2, 0, 0, 1)),
                Case.of("Pad", x, longs(0, 1, 2, 0, 0, 1), Tensor.scalar(1.5f)).constant(2),
                Case.of("Cast", x).with("to", Attribute.of(7)),
                Case.of("Cast", x).with("to", Attribute.of(9)),
                Case.of("Cast", longs(1, 0, 2)).with("to", Attribute.of(1)),
                Case.of("Shape", x),
                Case.of("Shape", x).with("start", Attribute.of(-2)),
                Case.of("Shape", x).with("end", Attribute.of(1)),
                Case.of("Size", x),
                Case.of("ConstantOfShape", longs(2, 3)),
                Case.of("ConstantOfShape", longs(2, 3)).with("value", Attribute.of(Tensor.ofLongs(new long[] {7}, 1))),
                Case.of("Range", Tensor.scalar(1L), Tensor.scalar(9L), Tensor.scalar(3L)));
    }

    @ParameterizedTest
    @MethodSource({"activations", "arithmetic", "convolutions", "pooling", "normalizations", "reductions", "shapes"})
    void givesWhatOnnxRuntimeGives(Case c) {
        Network network = c.network();
        Map<String, Tensor> feeds = new LinkedHashMap<>(c.inputs());
        feeds.keySet().removeIf(key -> key.startsWith("c"));
        Map<String, Tensor> expected;
        try (RuntimeSession session = RuntimeSession.open(network, 1)) {
            expected = session.run(feeds);
        }
        Map<String, Tensor> actual = runInPyTorch(network, feeds);
        assertThat(actual.keySet()).isEqualTo(expected.keySet());
        expected.forEach((key, tensor) -> {
            assertThat(actual.get(key).toString()).isEqualTo(tensor.toString());
            assertThat(actual.get(key).toFloatArray()).containsExactly(tensor.toFloatArray(), within(2e-5f));
        });
    }

    @Test
    void refusesAnOperatorWithoutATrainableForm() {
        Network standard = Case.of("NonMaxSuppression", random(1, 2, 3)).network();
        assertThatThrownBy(() -> NetworkBlock.of(standard))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "Network one can not be trained: node n is a NonMaxSuppression, an operator without a trainable form.");
        Network custom = Network.builder("two")
                .input("x", 2)
                .node(Node.of("Relu", "", List.of("x"), "y").inDomain("acme"))
                .output("y", 2)
                .build();
        assertThatThrownBy(() -> NetworkBlock.of(custom))
                .hasMessage("Network two can not be trained: node Relu -> y is a Relu of domain acme, an operator"
                        + " without a trainable form.");
    }

    @Test
    void namesTheNodeThatFails() {
        Network network = Case.of("Pad", random(1, 2, 3), longs(0, 1, 0, 1))
                .with("mode", Attribute.of("mirror"))
                .network();
        assertThatThrownBy(() -> runInPyTorch(network, Map.of("x0", random(1, 2, 3))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Node n (Pad) of network one failed: padding of mode mirror is not known.");
    }

    private static Map<String, Tensor> runInPyTorch(Network network, Map<String, Tensor> feeds) {
        Map<String, Tensor> results = new LinkedHashMap<>();
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            NDList inputs = new NDList();
            network.signature().inputs().forEach(v -> inputs.add(Tensors.toArray(feeds.get(v.name()), manager)));
            NetworkBlock block = NetworkBlock.of(network);
            NDList outputs = block.forward(new ParameterStore(manager, false), inputs, false);
            outputs.forEach(array -> results.put(array.getName(), Tensors.of(array)));
        }
        return results;
    }

    static Tensor random(long seed, long... shape) {
        int size = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
        float[] values = new float[size];
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < size; i++) {
            values[i] = (float) random.nextDouble(-2, 2);
        }
        return Tensor.ofFloats(values, shape);
    }

    static Tensor positive(long seed, long... shape) {
        float[] values = random(seed, shape).toFloatArray();
        for (int i = 0; i < values.length; i++) {
            values[i] = Math.abs(values[i]) + 0.1f;
        }
        return Tensor.ofFloats(values, shape);
    }

    private static Tensor longs(long... values) {
        return Tensor.ofLongs(values, values.length);
    }
}
