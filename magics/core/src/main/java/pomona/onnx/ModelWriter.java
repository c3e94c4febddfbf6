package pomona.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import pomona.graph.Attribute;
import pomona.graph.Dimension;
import pomona.graph.Graph;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Opaque;
import pomona.graph.Tensor;
import pomona.graph.Value;

/** Turns a network into an ONNX model, with the kept messages of the file it came from merged back in. */
final class ModelWriter {

    private static final long MOST_BYTES = Integer.MAX_VALUE - (16L << 20);

    private ModelWriter() {}

    static ModelProto write(Network network) {
        long bytes =
                network.weights().values().stream().mapToLong(Tensor::bytes).sum();
        if (bytes > MOST_BYTES) {
            throw new IllegalArgumentException("Network " + network.name() + " has " + bytes
                    + " bytes of weights, but an ONNX file without external data holds at most " + MOST_BYTES + ".");
        }
        try {
            ModelProto.Builder model = ModelProto.newBuilder().mergeFrom(content(network.extra()));
            GraphProto graph = graph(network.graph());
            model.setGraph(graph).setIrVersion(irVersion(model.getIrVersion(), network, graph));
            if (network.extra().isEmpty()) {
                model.setProducerName("pomona");
            }
            network.opsets()
                    .forEach((domain, version) -> model.addOpsetImport(
                            OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(version)));
            network.metadata().forEach((key, value) -> model.addMetadataProps(entry(key, value)));
            if (!network.provenance().isEmpty()) {
                model.addMetadataProps(entry(ProvenanceJson.KEY, ProvenanceJson.write(network.provenance())));
            }
            return model.build();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("Network " + network.name() + " holds kept fields that are damaged.", e);
        }
    }

    /** Keeps the file's IR version unless it is too old for the operator set or for weights that are not inputs. */
    private static long irVersion(long read, Network network, GraphProto graph) {
        boolean weightsAreInputs = graph.getInputCount()
                == network.signature().inputs().size() + network.weights().size();
        if (read > 0 && network.provenance().isEmpty() && (read >= 4 || weightsAreInputs)) {
            return read;
        }
        long opset = network.opset();
        long needed = opset >= 21 ? 10 : opset >= 19 ? 9 : opset >= 15 ? 8 : opset >= 11 ? 6 : 4;
        return Math.max(read, needed);
    }

    private static GraphProto graph(Graph graph) throws InvalidProtocolBufferException {
        GraphProto kept = GraphProto.parseFrom(content(graph.extra()));
        GraphProto.Builder builder =
                kept.toBuilder().clearInitializer().clearInput().setName(graph.name());
        graph.inputs().forEach(value -> builder.addInput(value(value)));
        for (ValueInfoProto input : kept.getInputList()) {
            Tensor weight = graph.weights().get(input.getName());
            if (weight != null) {
                builder.addInput(weightAsInput(input, weight));
            }
        }
        graph.outputs().forEach(value -> builder.addOutput(value(value)));
        graph.values().forEach(value -> builder.addValueInfo(value(value)));
        Map<String, TensorProto> keptTensors = new HashMap<>();
        kept.getInitializerList().forEach(tensor -> keptTensors.put(tensor.getName(), tensor));
        for (Map.Entry<String, Tensor> weight : graph.weights().entrySet()) {
            TensorProto base = keptTensors.getOrDefault(weight.getKey(), TensorProto.getDefaultInstance());
            builder.addInitializer(tensor(base, weight.getValue()).toBuilder().setName(weight.getKey()));
        }
        for (Node node : graph.nodes()) {
            builder.addNode(node(node));
        }
        return builder.build();
    }

    /** Older files list weights among the inputs; the shape follows the weight, the rest stays. */
    private static ValueInfoProto weightAsInput(ValueInfoProto kept, Tensor weight) {
        Object[] shape = Arrays.stream(weight.shape()).boxed().toArray();
        return kept.toBuilder()
                .setType(value(Value.of(kept.getName(), weight.type(), shape)).getType())
                .build();
    }

    private static TensorProto tensor(TensorProto base, Tensor tensor) {
        TensorProto.Builder builder = base.toBuilder().setDataType(tensor.type().code());
        for (long dim : tensor.shape()) {
            builder.addDims(dim);
        }
        if (tensor.strings().isEmpty()) {
            builder.setRawData(UnsafeByteOperations.unsafeWrap(tensor.data()));
        } else {
            tensor.strings().forEach(s -> builder.addStringData(ByteString.copyFromUtf8(s)));
        }
        return builder.build();
    }

    private static ValueInfoProto value(Value value) {
        try {
            if (!value.opaque().isEmpty()) {
                return ValueInfoProto.parseFrom(content(value.opaque()));
            }
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("The kept type of " + value.name() + " is damaged.", e);
        }
        ValueInfoProto.Builder builder = ValueInfoProto.newBuilder().setName(value.name());
        if (value.type() == null) {
            return builder.build();
        }
        TypeProto.Tensor.Builder type =
                TypeProto.Tensor.newBuilder().setElemType(value.type().code());
        if (value.shape() != null) {
            TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
            value.shape().forEach(dim -> shape.addDim(dimension(dim)));
            type.setShape(shape);
        }
        return builder.setType(TypeProto.newBuilder().setTensorType(type)).build();
    }

    private static TensorShapeProto.Dimension dimension(Dimension dim) {
        TensorShapeProto.Dimension.Builder builder = TensorShapeProto.Dimension.newBuilder();
        if (dim.isFixed()) {
            builder.setDimValue(dim.size());
        } else if (!dim.symbol().isEmpty()) {
            builder.setDimParam(dim.symbol());
        }
        return builder.build();
    }

    private static NodeProto node(Node node) throws InvalidProtocolBufferException {
        NodeProto kept = NodeProto.parseFrom(content(node.extra()));
        NodeProto.Builder builder = kept.toBuilder()
                .clearAttribute()
                .setOpType(node.op())
                .addAllInput(node.inputs())
                .addAllOutput(node.outputs());
        if (!node.name().isEmpty()) {
            builder.setName(node.name());
        }
        if (!node.domain().isEmpty()) {
            builder.setDomain(node.domain());
        }
        Map<String, AttributeProto> keptAttributes = new HashMap<>();
        kept.getAttributeList().forEach(attribute -> keptAttributes.put(attribute.getName(), attribute));
        for (Map.Entry<String, Attribute> attribute : node.attributes().entrySet()) {
            AttributeProto base = keptAttributes.getOrDefault(attribute.getKey(), AttributeProto.getDefaultInstance());
            builder.addAttribute(attribute(base, attribute.getKey(), attribute.getValue()));
        }
        return builder.build();
    }

    private static AttributeProto attribute(AttributeProto base, String name, Attribute attribute)
            throws InvalidProtocolBufferException {
        AttributeProto.Builder builder = base.toBuilder().setName(name);
        if (attribute instanceof Attribute.Other other) {
            return AttributeProto.parseFrom(content(other.proto()));
        } else if (attribute instanceof Attribute.Int a) {
            builder.setType(AttributeProto.AttributeType.INT).setI(a.value());
        } else if (attribute instanceof Attribute.Real a) {
            builder.setType(AttributeProto.AttributeType.FLOAT).setF(a.value());
        } else if (attribute instanceof Attribute.Text a) {
            builder.setType(AttributeProto.AttributeType.STRING).setS(ByteString.copyFromUtf8(a.value()));
        } else if (attribute instanceof Attribute.Constant a) {
            builder.setType(AttributeProto.AttributeType.TENSOR)
                    .setT(tensor(TensorProto.getDefaultInstance(), a.value()));
        } else if (attribute instanceof Attribute.Subgraph a) {
            builder.setType(AttributeProto.AttributeType.GRAPH).setG(graph(a.value()));
        } else if (attribute instanceof Attribute.Ints a) {
            builder.setType(AttributeProto.AttributeType.INTS).addAllInts(a.values());
        } else if (attribute instanceof Attribute.Reals a) {
            builder.setType(AttributeProto.AttributeType.FLOATS).addAllFloats(a.values());
        } else if (attribute instanceof Attribute.Texts a) {
            builder.setType(AttributeProto.AttributeType.STRINGS);
            a.values().forEach(text -> builder.addStrings(ByteString.copyFromUtf8(text)));
        }
        return builder.build();
    }

    private static StringStringEntryProto entry(String key, String value) {
        return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
    }

    private static ByteString content(Opaque opaque) {
        return UnsafeByteOperations.unsafeWrap(opaque.bytes());
    }
}
