package pomona.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import java.nio.file.Path;
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

    private final String source;
    private final String defaultName;
    private final TensorReader tensors;

    ModelReader(String source, String defaultName, Path folder) {
        this.source = source;
        this.defaultName = defaultName;
        this.tensors = new TensorReader(source, folder);
    }

    Network read(ModelProto model) {
        Graph graph = graph(model.getGraph());
        NetworkBuilder builder = Network.builder(graph.name().isEmpty() ? defaultName : graph.name())
                .inputs(graph.inputs())
                .outputs(graph.outputs())
                .nodes(graph.nodes())
                .values(graph.values());
        graph.weights().forEach(builder::weight);
        model.getOpsetImportList().forEach(opset -> builder.opset(opset.getDomain(), opset.getVersion()));
        model.getMetadataPropsList().forEach(entry -> {
            if (entry.getKey().equals(ProvenanceJson.KEY)) {
                builder.provenance(ProvenanceJson.read(entry.getValue()));
            } else {
                builder.metadata(entry.getKey(), entry.getValue());
            }
        });
        ModelProto rest = model.toBuilder()
                .clearGraph()
                .clearOpsetImport()
                .clearMetadataProps()
                .build();
        builder.extras(graph.extra(), opaque(rest));
        try {
            return builder.build();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(source + " is not a valid ONNX file: " + e.getMessage(), e);
        }
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
        List<Node> nodes = proto.getNodeList().stream().map(this::node).toList();
        return new Graph(proto.getName(), inputs, outputs, nodes, weights, values, rest(proto, weights.keySet()));
    }

    /** The graph's other fields, with what initializers say beyond their data and which of them are also inputs. */
    private static Opaque rest(GraphProto proto, Set<String> weights) {
        GraphProto.Builder rest = proto.toBuilder()
                .clearName()
                .clearNode()
                .clearInitializer()
                .clearInput()
                .clearOutput()
                .clearValueInfo();
        proto.getInputList().stream()
                .filter(input -> weights.contains(input.getName()))
                .forEach(rest::addInput);
        for (TensorProto tensor : proto.getInitializerList()) {
            TensorProto stripped = TensorReader.strip(tensor);
            if (stripped.getSerializedSize() > 0) {
                rest.addInitializer(stripped.toBuilder().setName(tensor.getName()));
            }
        }
        return opaque(rest.build());
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
        NodeProto.Builder rest = proto.toBuilder()
                .clearName()
                .clearDomain()
                .clearOpType()
                .clearInput()
                .clearOutput()
                .clearAttribute();
        for (AttributeProto attribute : proto.getAttributeList()) {
            Attribute value = attribute(attribute);
            attributes.put(attribute.getName(), value);
            AttributeProto stripped = stripValue(attribute);
            if (!(value instanceof Attribute.Other) && stripped.getSerializedSize() > 0) {
                rest.addAttribute(stripped.toBuilder().setName(attribute.getName()));
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
            case TENSOR ->
                TensorReader.strip(proto.getT()).getSerializedSize() == 0
                        ? new Attribute.Constant(tensors.read(proto.getT()))
                        : new Attribute.Other(opaque(proto));
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

    private static AttributeProto stripValue(AttributeProto proto) {
        return proto.toBuilder()
                .clearName()
                .clearType()
                .clearI()
                .clearF()
                .clearS()
                .clearT()
                .clearG()
                .clearInts()
                .clearFloats()
                .clearStrings()
                .build();
    }

    private static Opaque opaque(MessageLite proto) {
        return Opaque.of(proto.toByteArray());
    }
}
