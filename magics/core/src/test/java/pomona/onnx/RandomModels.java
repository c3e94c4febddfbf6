package pomona.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.SparseTensorProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Models with any field of ONNX's messages set at random, and in every message fields that no version of ONNX knows. Only
 * what a reader must rely on is in order: names, the graph's wires, the sizes of tensors, and the types of attributes.
 */
final class RandomModels {

    private static final int DEEPEST = 4;

    private static final Set<String> NOT_GENERIC = Set.of(
            "onnx.ModelProto.graph",
            "onnx.ModelProto.training_info",
            "onnx.ModelProto.opset_import",
            "onnx.GraphProto.node",
            "onnx.GraphProto.initializer",
            "onnx.GraphProto.sparse_initializer",
            "onnx.GraphProto.input",
            "onnx.GraphProto.output",
            "onnx.GraphProto.name",
            "onnx.NodeProto.input",
            "onnx.NodeProto.output",
            "onnx.NodeProto.attribute",
            "onnx.FunctionProto.node");

    private static final Set<String> NEEDED = Set.of("onnx.ValueInfoProto.name", "onnx.StringStringEntryProto.key");

    private final Random random;
    private int count;

    RandomModels(long seed) {
        this.random = new Random(seed);
    }

    ModelProto model() {
        ModelProto.Builder model = ModelProto.newBuilder();
        fill(model, 0);
        model.setGraph(graph(0)).setIrVersion(10 + random.nextInt(3));
        model.addOpsetImportBuilder()
                .setDomain(random.nextBoolean() ? "" : "ai.onnx")
                .setVersion(7 + random.nextInt(16));
        model.addOpsetImportBuilder().setDomain("odd.domain").setVersion(3);
        return model.build();
    }

    private GraphProto graph(int depth) {
        GraphProto.Builder graph = GraphProto.newBuilder();
        fill(graph, depth + 1);
        if (depth > 0 || random.nextBoolean()) {
            graph.setName(name("graph"));
        }
        String last = name("input");
        graph.addInput(value(last, depth));
        for (int i = 0; i < 2; i++) {
            String weight = name("weight");
            TensorProto tensor = tensor(depth).toBuilder().setName(weight).build();
            graph.addInitializer(tensor);
            if (random.nextInt(4) == 0) {
                graph.addInput(listed(tensor, depth));
            }
        }
        if (random.nextInt(3) == 0) {
            graph.addSparseInitializer(sparse(depth));
        }
        for (int i = random.nextInt(4); i >= 0; i--) {
            NodeProto node = node(last, depth);
            last = node.getOutput(0);
            graph.addNode(node);
        }
        return graph.addOutput(value(last, depth)).build();
    }

    private ValueInfoProto value(String name, int depth) {
        ValueInfoProto.Builder value = ValueInfoProto.newBuilder();
        fill(value, depth);
        return value.setName(name).build();
    }

    /** A weight among the inputs, as older files have them, with all of its sizes or some left open. */
    private ValueInfoProto listed(TensorProto weight, int depth) {
        ValueInfoProto.Builder value =
                value(weight.getName(), depth).toBuilder().clearType();
        other(value.getTypeBuilder());
        var type = value.getTypeBuilder().getTensorTypeBuilder().setElemType(weight.getDataType());
        other(type);
        for (long dim : random.nextInt(4) > 0 ? weight.getDimsList() : List.<Long>of()) {
            var size = type.getShapeBuilder().addDimBuilder();
            other(size);
            switch (random.nextInt(3)) {
                case 0 -> size.setDimParam(name("size"));
                case 1 -> size.setDenotation(name("axis"));
                default -> size.setDimValue(dim);
            }
        }
        return value.build();
    }

    private NodeProto node(String input, int depth) {
        NodeProto.Builder node = NodeProto.newBuilder();
        fill(node, depth + 1);
        node.setOpType("Any").addInput(input).addOutput(name("value"));
        if (random.nextBoolean()) {
            node.addInput("").addInput(input);
        }
        for (int i = random.nextInt(4); i > 0; i--) {
            node.addAttribute(attribute(depth));
        }
        return node.build();
    }

    private AttributeProto attribute(int depth) {
        AttributeProto.Builder attribute = AttributeProto.newBuilder().setName(name("attribute"));
        other(attribute);
        List<AttributeProto.AttributeType> types = List.of(AttributeProto.AttributeType.values());
        AttributeProto.AttributeType type = types.get(1 + random.nextInt(types.size() - 2));
        attribute.setType(type);
        if (random.nextBoolean()) {
            attribute.setDocString(name("doc"));
        }
        boolean deep = depth >= DEEPEST - 2;
        switch (type) {
            case FLOAT -> attribute.setF(random.nextFloat());
            case INT -> attribute.setI(random.nextLong());
            case STRING -> attribute.setS(bytes());
            case TENSOR -> attribute.setT(tensor(depth));
            case GRAPH ->
                attribute.setG(deep ? GraphProto.newBuilder().setName("leaf").build() : graph(depth + 2));
            case SPARSE_TENSOR -> attribute.setSparseTensor(sparse(depth));
            case FLOATS -> attribute.addFloats(random.nextFloat()).addFloats(0);
            case INTS -> attribute.addInts(random.nextLong()).addInts(0);
            case STRINGS -> attribute.addStrings(bytes()).addStrings(ByteString.EMPTY);
            case TENSORS -> attribute.addTensors(tensor(depth)).addTensors(tensor(depth));
            case GRAPHS -> attribute.addGraphs(GraphProto.newBuilder().setName("leaf"));
            case SPARSE_TENSORS -> attribute.addSparseTensors(sparse(depth));
            case TYPE_PROTO -> fill(attribute.getTpBuilder(), depth);
            default -> fill(attribute.addTypeProtosBuilder(), depth);
        }
        return attribute.build();
    }

    /** A tensor in one of the types, its data in bytes or in the list of its type. */
    private TensorProto tensor(int depth) {
        TensorProto.Builder tensor = TensorProto.newBuilder();
        other(tensor);
        if (random.nextBoolean()) {
            tensor.setDocString(name("doc"));
        }
        if (random.nextInt(4) == 0) {
            fill(tensor.addMetadataPropsBuilder(), depth);
        }
        long[] dims = new long[random.nextInt(3)];
        int size = 1;
        for (int i = 0; i < dims.length; i++) {
            dims[i] = random.nextInt(4);
            size *= (int) dims[i];
            tensor.addDims(dims[i]);
        }
        Type type = Type.values()[random.nextInt(Type.values().length)];
        tensor.setName(name("tensor")).setDataType(type.code);
        boolean raw = type.list.isEmpty() || type != Type.STRING && random.nextBoolean();
        if (raw) {
            byte[] bytes = new byte[type == Type.INT4 ? (size + 1) / 2 : size * type.bytes];
            random.nextBytes(bytes);
            return tensor.setRawData(ByteString.copyFrom(bytes)).build();
        }
        FieldDescriptor list = TensorProto.getDescriptor().findFieldByName(type.list);
        for (int i = 0; i < size * (type == Type.COMPLEX64 ? 2 : 1); i++) {
            tensor.addRepeatedField(list, element(type));
        }
        return tensor.build();
    }

    private Object element(Type type) {
        return switch (type) {
            case FLOAT, COMPLEX64 -> random.nextFloat();
            case DOUBLE -> random.nextDouble();
            case INT64, UINT64 -> random.nextLong();
            case STRING -> bytes();
            case BOOL -> random.nextInt(2);
            case INT8 -> random.nextInt(256) - 128;
            case UINT8 -> random.nextInt(256);
            case FLOAT16, BFLOAT16 -> random.nextInt(1 << 16);
            default -> random.nextInt();
        };
    }

    private enum Type {
        FLOAT(1, 4, "float_data"),
        UINT8(2, 1, "int32_data"),
        INT8(3, 1, "int32_data"),
        INT32(6, 4, "int32_data"),
        INT64(7, 8, "int64_data"),
        STRING(8, 0, "string_data"),
        BOOL(9, 1, "int32_data"),
        FLOAT16(10, 2, "int32_data"),
        DOUBLE(11, 8, "double_data"),
        UINT64(13, 8, "uint64_data"),
        COMPLEX64(14, 8, "float_data"),
        BFLOAT16(16, 2, "int32_data"),
        FLOAT8(17, 1, ""),
        INT4(22, 1, "");

        private final int code;
        private final int bytes;
        private final String list;

        Type(int code, int bytes, String list) {
            this.code = code;
            this.bytes = bytes;
            this.list = list;
        }
    }

    private SparseTensorProto sparse(int depth) {
        ByteBuffer indices = ByteBuffer.allocate(16)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(1)
                .putLong(4)
                .flip();
        SparseTensorProto.Builder sparse =
                SparseTensorProto.newBuilder().addDims(2).addDims(3);
        other(sparse);
        sparse.setValues(TensorProto.newBuilder()
                .setName(name("sparse"))
                .setDataType(1)
                .addDims(2)
                .addFloatData(1.5f)
                .addFloatData(depth));
        return sparse.setIndices(
                        TensorProto.newBuilder().setDataType(7).addDims(2).setRawData(ByteString.copyFrom(indices)))
                .build();
    }

    /** Sets fields at random, whatever they are, but for those of which a reader relies on more than their type. */
    private void fill(Message.Builder builder, int depth) {
        other(builder);
        Set<OneofDescriptor> chosen = new HashSet<>();
        for (FieldDescriptor field : builder.getDescriptorForType().getFields()) {
            boolean message = field.getJavaType() == FieldDescriptor.JavaType.MESSAGE;
            boolean left = NOT_GENERIC.contains(field.getFullName()) || message && depth >= DEEPEST;
            OneofDescriptor choice = field.getContainingOneof();
            boolean needed = NEEDED.contains(field.getFullName());
            if (left || !needed && random.nextInt(3) == 0 || choice != null && !chosen.add(choice)) {
                continue;
            }
            if (field.isRepeated()) {
                for (int i = 1 + random.nextInt(2); i > 0; i--) {
                    builder.addRepeatedField(field, value(builder, field, depth));
                }
            } else {
                builder.setField(field, value(builder, field, depth));
            }
        }
    }

    private Object value(Message.Builder builder, FieldDescriptor field, int depth) {
        return switch (field.getJavaType()) {
            case INT -> field.getName().equals("elem_type") ? 1 + random.nextInt(16) : random.nextInt(1000);
            case LONG -> (long) random.nextInt(1000);
            case FLOAT -> random.nextFloat();
            case DOUBLE -> random.nextDouble();
            case BOOLEAN -> true;
            case STRING -> name(field.getName());
            case BYTE_STRING -> bytes();
            case ENUM ->
                field.getEnumType()
                        .getValues()
                        .get(random.nextInt(field.getEnumType().getValues().size()));
            case MESSAGE -> message(builder.newBuilderForField(field), depth);
        };
    }

    private Message message(Message.Builder builder, int depth) {
        if (builder instanceof AttributeProto.Builder) {
            return attribute(depth + 1);
        }
        if (builder instanceof TensorProto.Builder) {
            return tensor(depth + 1);
        }
        fill(builder, depth + 1);
        return builder.build();
    }

    /** Fields that a version of ONNX to come might have. */
    private void other(Message.Builder builder) {
        if (random.nextInt(3) == 0) {
            builder.setUnknownFields(UnknownFieldSet.newBuilder()
                    .addField(
                            9001,
                            UnknownFieldSet.Field.newBuilder()
                                    .addVarint(random.nextLong())
                                    .build())
                    .addField(
                            9002,
                            UnknownFieldSet.Field.newBuilder()
                                    .addLengthDelimited(bytes())
                                    .build())
                    .addField(
                            9003,
                            UnknownFieldSet.Field.newBuilder().addFixed32(count).build())
                    .build());
        }
    }

    private String name(String kind) {
        return kind + " " + ++count;
    }

    private ByteString bytes() {
        byte[] bytes = new byte[random.nextInt(5)];
        random.nextBytes(bytes);
        return ByteString.copyFrom(bytes);
    }
}
