package pomona.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.SparseTensorProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import pomona.graph.Attribute;
import pomona.graph.Dimension;
import pomona.graph.ElementType;
import pomona.graph.Graph;
import pomona.graph.Network;
import pomona.graph.NetworkBuilder;
import pomona.graph.Node;
import pomona.graph.Opaque;
import pomona.graph.Tensor;
import pomona.graph.Value;

/** Turns a parsed ONNX model into a network; what the network does not model is kept as stripped messages. */
final class ModelReader {

    /** The longer name of the standard domain, whose usual name is empty. */
    static final String STANDARD = "ai.onnx";

    /** What exporters call every graph; a network that was built here has the name it was given. */
    private static final Set<String> GENERIC =
            Set.of("main_graph", "torch_jit", "torch-jit-export", "main", "graph", "empty");

    private final String source;
    private final String defaultName;
    private final TensorReader tensors;

    ModelReader(String source, String defaultName, Path folder) {
        this.source = source;
        this.defaultName = defaultName;
        this.tensors = new TensorReader(source, folder);
    }

    Network read(ModelProto model) {
        Graph graph = graph(named(model));
        NetworkBuilder builder = Network.builder(graph.name())
                .inputs(graph.inputs())
                .outputs(graph.outputs())
                .nodes(graph.nodes())
                .values(graph.values());
        graph.weights().forEach(builder::weight);
        builder.opsets(Map.of());
        model.getOpsetImportList().forEach(opset -> builder.opset(opset.getDomain(), opset.getVersion()));
        model.getMetadataPropsList().forEach(entry -> {
            if (entry.getKey().equals(ProvenanceJson.KEY)) {
                builder.provenance(ProvenanceJson.read(entry.getValue()));
            } else {
                builder.metadata(entry.getKey(), entry.getValue());
            }
        });
        // Operator sets are kept as well: a domain can be said in two ways. So are metadata that say more than key and
        // value.
        ModelProto.Builder rest = model.toBuilder().clearGraph().clearMetadataProps();
        model.getMetadataPropsList().stream()
                .filter(entry -> !entry.equals(ModelWriter.entry(entry.getKey(), entry.getValue())))
                .map(entry -> entry.getValue().isEmpty()
                        ? entry
                        : entry.toBuilder().clearValue().build())
                .forEach(rest::addMetadataProps);
        builder.extras(graph.extra(), opaque(rest.build()));
        try {
            return builder.build();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(source + " is not a valid ONNX file: " + e.getMessage(), e);
        }
    }

    /** A network has a name that tells it from others; a graph need not, and is written with what it had. */
    private GraphProto named(ModelProto model) {
        GraphProto proto = model.getGraph();
        boolean generic =
                GENERIC.contains(proto.getName()) && !model.getProducerName().equals(ModelWriter.PRODUCER);
        if (!proto.getName().isEmpty() && !generic) {
            return proto;
        }
        GraphProto.Builder named = proto.toBuilder().setName(defaultName);
        if (!proto.getName().isEmpty()) {
            Marks.GENERIC_NAME.put(named, proto.getNameBytes());
        }
        Marks.GIVEN_NAME.put(named, ByteString.copyFromUtf8(defaultName));
        return named.build();
    }

    private Graph graph(GraphProto proto) {
        Map<String, Tensor> weights = new LinkedHashMap<>();
        proto.getInitializerList().forEach(tensor -> weights.put(tensor.getName(), tensors.read(tensor)));
        List<Value> inputs = proto.getInputList().stream()
                .filter(input -> !weights.containsKey(input.getName()))
                .map(ModelReader::value)
                .toList();
        List<Value> outputs =
                proto.getOutputList().stream().map(ModelReader::value).toList();
        List<Value> values =
                proto.getValueInfoList().stream().map(ModelReader::value).toList();
        List<Node> nodes = new ArrayList<>();
        proto.getSparseInitializerList().forEach(sparse -> nodes.add(constant(sparse)));
        proto.getNodeList().forEach(node -> nodes.add(node(node)));
        return new Graph(proto.getName(), inputs, outputs, nodes, weights, values, rest(proto, weights.keySet()));
    }

    /** The graph's other fields, with what initializers say beyond their data and which of them are also inputs. */
    private static Opaque rest(GraphProto proto, Set<String> weights) {
        GraphProto.Builder rest = proto.toBuilder()
                .clearName()
                .clearNode()
                .clearInitializer()
                .clearSparseInitializer()
                .clearInput()
                .clearOutput()
                .clearValueInfo();
        if (proto.getInputList().stream().anyMatch(input -> weights.contains(input.getName()))) {
            // The other inputs by name alone, for their order.
            proto.getInputList()
                    .forEach(input -> rest.addInput(
                            weights.contains(input.getName())
                                    ? input
                                    : ValueInfoProto.newBuilder()
                                            .setName(input.getName())
                                            .build()));
        }
        for (TensorProto tensor : proto.getInitializerList()) {
            TensorProto stripped = TensorReader.strip(tensor);
            if (stripped.getSerializedSize() > 0) {
                rest.addInitializer(stripped.toBuilder().setName(tensor.getName()));
            }
        }
        return opaque(rest.build());
    }

    /** A weight of few non-zeros is an operator that makes it: ONNX has the same form as an attribute of Constant. */
    private static Node constant(SparseTensorProto sparse) {
        AttributeProto value = AttributeProto.newBuilder()
                .setName("sparse_value")
                .setType(AttributeProto.AttributeType.SPARSE_TENSOR)
                .setSparseTensor(sparse)
                .build();
        NodeProto.Builder extra = NodeProto.newBuilder();
        Marks.SPARSE_INITIALIZER.put(extra, ByteString.EMPTY);
        String name = sparse.getValues().getName();
        return new Node(
                name,
                "",
                "Constant",
                List.of(),
                List.of(name),
                Map.of(value.getName(), new Attribute.Other(opaque(value))),
                opaque(extra.build()));
    }

    private static Value value(ValueInfoProto proto) {
        if (!proto.getType().hasTensorType()) {
            return new Value(proto.getName(), null, null, opaque(proto));
        }
        var tensorType = proto.getType().getTensorType();
        int code = tensorType.getElemType();
        ElementType type = code == 0 ? null : ElementType.ofCode(code);
        List<Dimension> shape = tensorType.hasShape()
                ? tensorType.getShape().getDimList().stream()
                        .map(ModelReader::dimension)
                        .toList()
                : null;
        return new Value(proto.getName(), type, shape, opaque(proto));
    }

    private static Dimension dimension(TensorShapeProto.Dimension proto) {
        if (proto.hasDimValue() && proto.getDimValue() >= 0) {
            return Dimension.of(proto.getDimValue());
        }
        return proto.hasDimParam() ? Dimension.of(proto.getDimParam()) : Dimension.UNKNOWN;
    }

    private Node node(NodeProto proto) {
        Map<String, Attribute> attributes = new LinkedHashMap<>();
        NodeProto.Builder rest =
                proto.toBuilder().clearOpType().clearInput().clearOutput().clearAttribute();
        // An empty name or domain can be said or left out; both are kept, as is the longer name of the standard domain.
        if (!proto.getName().isEmpty()) {
            rest.clearName();
        }
        if (!proto.getDomain().isEmpty() && !proto.getDomain().equals(STANDARD)) {
            rest.clearDomain();
        }
        for (AttributeProto attribute : proto.getAttributeList()) {
            Attribute value = attribute(attribute);
            attributes.put(attribute.getName(), value);
            if (!(value instanceof Attribute.Other)) {
                AttributeProto stripped = stripValue(attribute);
                if (stripped.getSerializedSize() > 0) {
                    rest.addAttribute(stripped.toBuilder().setName(attribute.getName()));
                }
            }
        }
        return new Node(
                proto.getName(),
                proto.getDomain(),
                proto.getOpType(),
                proto.getInputList(),
                proto.getOutputList(),
                attributes,
                opaque(rest.build()));
    }

    private Attribute attribute(AttributeProto proto) {
        if (proto.hasRefAttrName()) {
            return new Attribute.Other(opaque(proto));
        }
        return switch (proto.getType()) {
            case INT -> new Attribute.Int(proto.getI());
            case FLOAT -> new Attribute.Real(proto.getF());
            case STRING ->
                proto.getS().isValidUtf8()
                        ? new Attribute.Text(proto.getS().toStringUtf8())
                        : new Attribute.Other(opaque(proto));
            case TENSOR -> new Attribute.Constant(tensors.read(proto.getT()));
            case GRAPH -> new Attribute.Subgraph(graph(proto.getG()));
            case INTS -> new Attribute.Ints(proto.getIntsList());
            case FLOATS -> new Attribute.Reals(proto.getFloatsList());
            case STRINGS ->
                proto.getStringsList().stream().allMatch(ByteString::isValidUtf8)
                        ? new Attribute.Texts(proto.getStringsList().stream()
                                .map(ByteString::toStringUtf8)
                                .collect(Collectors.toList()))
                        : new Attribute.Other(opaque(proto));
            default -> new Attribute.Other(opaque(proto));
        };
    }

    /** What an attribute says beyond its name, kind and value. */
    private static AttributeProto stripValue(AttributeProto proto) {
        AttributeProto.Builder rest = proto.toBuilder().clearName().clearType();
        switch (proto.getType()) {
            case INT -> rest.clearI();
            case FLOAT -> rest.clearF();
            case STRING -> rest.clearS();
            case GRAPH -> rest.clearG();
            case INTS -> rest.clearInts();
            case FLOATS -> rest.clearFloats();
            case STRINGS -> rest.clearStrings();
            case TENSOR -> stripTensor(rest, proto.getT());
            default -> throw new IllegalArgumentException(proto.getName() + " has no value to take off.");
        }
        return rest.build();
    }

    private static void stripTensor(AttributeProto.Builder rest, TensorProto tensor) {
        TensorProto.Builder stripped = TensorReader.strip(tensor).toBuilder();
        if (tensor.hasName()) {
            stripped.setName(tensor.getName());
        }
        rest.clearT();
        if (stripped.build().getSerializedSize() > 0) {
            rest.setT(stripped);
        }
    }

    private static Opaque opaque(MessageLite proto) {
        return Opaque.of(proto.toByteArray());
    }
}
