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
import java.util.LinkedHashMap;
import java.util.List;
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

    /** Who made a file of a network that was built here, not read. */
    static final String PRODUCER = "pomona";

    /** What a file without external data can hold, less some for the graph. */
    static final long MOST_BYTES = Integer.MAX_VALUE - (16L << 20);

    private final Network network;
    private final TensorWriter tensors;

    private ModelWriter(Network network, ExternalData external) {
        this.network = network;
        this.tensors = new TensorWriter(external);
    }

    /** The model with all weights in it. */
    static ModelProto write(Network network) {
        if (!fits(network)) {
            throw new IllegalArgumentException("Network " + network.name() + " has " + weightBytes(network)
                    + " bytes of weights, but an ONNX file without external data holds at most " + MOST_BYTES
                    + "; write it to an .onnx file, beside which its weights go.");
        }
        return write(network, null);
    }

    /** The model, with large weights given places in external data; with null, with all weights in it. */
    static ModelProto write(Network network, ExternalData external) {
        return new ModelWriter(network, external).write();
    }

    /** Whether the weights fit into a model without external data. */
    static boolean fits(Network network) {
        return weightBytes(network) <= MOST_BYTES;
    }

    private static long weightBytes(Network network) {
        return network.weights().values().stream().mapToLong(Tensor::bytes).sum();
    }

    private ModelProto write() {
        try {
            ModelProto.Builder model = ModelProto.newBuilder().mergeFrom(content(network.extra()));
            GraphProto graph = graph(network.graph());
            model.setGraph(graph).setIrVersion(irVersion(model.getIrVersion(), network, graph));
            if (network.extra().isEmpty()) {
                model.setProducerName(PRODUCER);
            }
            List<OperatorSetIdProto> kept = List.copyOf(model.getOpsetImportList());
            model.clearOpsetImport();
            network.opsets().forEach((domain, version) -> model.addOpsetImport(opset(kept, domain, version)));
            List<StringStringEntryProto> said = List.copyOf(model.getMetadataPropsList());
            model.clearMetadataProps();
            network.metadata().forEach((key, value) -> model.addMetadataProps(metadata(said, key, value)));
            if (!network.provenance().isEmpty()) {
                model.addMetadataProps(entry(ProvenanceJson.KEY, ProvenanceJson.write(network.provenance())));
            }
            return model.build();
        } catch (InvalidProtocolBufferException e) {
            throw damaged(network, e);
        }
    }

    static Network withIrVersionUpTo(Network network, long most) {
        try {
            ModelProto kept = ModelProto.parseFrom(content(network.extra()));
            if (kept.getIrVersion() <= most) {
                return network;
            }
            Opaque older = Opaque.of(kept.toBuilder().setIrVersion(most).build().toByteArray());
            return network.toBuilder().extras(network.graph().extra(), older).build();
        } catch (InvalidProtocolBufferException e) {
            throw damaged(network, e);
        }
    }

    private static IllegalStateException damaged(Network network, InvalidProtocolBufferException e) {
        return new IllegalStateException("Network " + network.name() + " holds kept fields that are damaged.", e);
    }

    private static OperatorSetIdProto opset(List<OperatorSetIdProto> kept, String domain, long version) {
        return kept.stream()
                .filter(opset -> standard(opset.getDomain()).equals(domain))
                .findFirst()
                .map(OperatorSetIdProto::toBuilder)
                .orElseGet(() -> OperatorSetIdProto.newBuilder().setDomain(domain))
                .setVersion(version)
                .build();
    }

    private static String standard(String domain) {
        return domain.equals(ModelReader.STANDARD) ? "" : domain;
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

    private GraphProto graph(Graph graph) throws InvalidProtocolBufferException {
        GraphProto kept = GraphProto.parseFrom(content(graph.extra()));
        GraphProto.Builder builder = kept.toBuilder().clearInitializer().clearInput();
        ByteString given = Marks.GIVEN_NAME.take(builder);
        ByteString generic = Marks.GENERIC_NAME.take(builder);
        if (given == null ? !graph.name().isEmpty() : !given.toStringUtf8().equals(graph.name())) {
            builder.setName(graph.name());
        } else if (generic != null) {
            builder.setNameBytes(generic);
        }
        addInputs(graph, kept, builder);
        graph.outputs().forEach(value -> builder.addOutput(value(value)));
        graph.values().forEach(value -> builder.addValueInfo(value(value)));
        Map<String, TensorProto> keptTensors = new HashMap<>();
        kept.getInitializerList().forEach(tensor -> keptTensors.put(tensor.getName(), tensor));
        for (Map.Entry<String, Tensor> weight : graph.weights().entrySet()) {
            TensorProto base = keptTensors.getOrDefault(weight.getKey(), TensorProto.getDefaultInstance());
            builder.addInitializer(
                    tensors.weight(base, weight.getValue()).toBuilder().setName(weight.getKey()));
        }
        for (Node node : graph.nodes()) {
            NodeProto written = node(node);
            NodeProto.Builder unmarked = written.toBuilder();
            if (Marks.SPARSE_INITIALIZER.take(unmarked) != null) {
                builder.addSparseInitializer(written.getAttribute(0).getSparseTensor());
            } else {
                builder.addNode(written);
            }
        }
        return builder.build();
    }

    /** Keeps the order of inputs and of weights that are inputs too, where the inputs are still those of the file. */
    private static void addInputs(Graph graph, GraphProto kept, GraphProto.Builder builder) {
        Map<String, Value> inputs = new LinkedHashMap<>();
        graph.inputs().forEach(input -> inputs.put(input.name(), input));
        List<String> order = kept.getInputList().stream()
                .map(ValueInfoProto::getName)
                .filter(inputs::containsKey)
                .toList();
        boolean sameOrder = order.equals(List.copyOf(inputs.keySet()));
        if (!sameOrder) {
            graph.inputs().forEach(value -> builder.addInput(value(value)));
        }
        for (ValueInfoProto input : kept.getInputList()) {
            Tensor weight = graph.weights().get(input.getName());
            if (weight != null) {
                builder.addInput(weightAsInput(input, weight));
            } else if (sameOrder && inputs.containsKey(input.getName())) {
                builder.addInput(value(inputs.get(input.getName())));
            }
        }
    }

    /** Older files list weights among the inputs; the shape follows the weight, the rest stays. */
    private static ValueInfoProto weightAsInput(ValueInfoProto kept, Tensor weight) {
        if (isOf(kept.getType(), weight)) {
            return kept;
        }
        Object[] shape = Arrays.stream(weight.shape()).boxed().toArray();
        return kept.toBuilder()
                .setType(value(Value.of(kept.getName(), weight.type(), shape)).getType())
                .build();
    }

    /** Whether a type says nothing else of a weight than it is; it may leave its sizes open. */
    private static boolean isOf(TypeProto type, Tensor weight) {
        TypeProto.Tensor tensor = type.getTensorType();
        List<TensorShapeProto.Dimension> dims = tensor.getShape().getDimList();
        boolean fits =
                tensor.getElemType() == weight.type().code() && (!tensor.hasShape() || dims.size() == weight.rank());
        for (int i = 0; fits && i < dims.size(); i++) {
            fits = !dims.get(i).hasDimValue() || dims.get(i).getDimValue() == weight.dim(i);
        }
        return fits;
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

    private NodeProto node(Node node) throws InvalidProtocolBufferException {
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

    private AttributeProto attribute(AttributeProto base, String name, Attribute attribute)
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
            builder.setType(AttributeProto.AttributeType.TENSOR).setT(TensorWriter.inline(base.getT(), a.value()));
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

    private static StringStringEntryProto metadata(List<StringStringEntryProto> said, String key, String value) {
        StringStringEntryProto base = said.stream()
                .filter(entry -> entry.getKey().equals(key))
                .findFirst()
                .orElseGet(() -> entry(key, ""));
        return value.isEmpty() ? base : base.toBuilder().setValue(value).build();
    }

    static StringStringEntryProto entry(String key, String value) {
        return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
    }

    private static ByteString content(Opaque opaque) {
        return UnsafeByteOperations.unsafeWrap(opaque.bytes());
    }
}
