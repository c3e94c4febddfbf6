package pomona.quantize;

import java.util.Arrays;
import java.util.List;
import pomona.graph.ElementType;
import pomona.graph.LayerWeight;
import pomona.graph.Node;
import pomona.graph.Tensor;

/**
 * Quantizes weights, each once however many operators take it, and puts them where the weight of floats was.
 *
 * @param perChannel whether each output of a layer has its own scale, or all share one
 * @param type the bytes to make
 * @param largest the largest step to use, 63 or 127
 */
record DynamicWeights(boolean perChannel, ByteType type, int largest) {

    /**
     * A quantized weight.
     *
     * @param bytes the name of its bytes
     * @param scale the name of its scale
     * @param zero the name of its zero point; empty when that is 0 and need not be given
     */
    record Weight(String bytes, String scale, String zero) {}

    /** How an operator wants a weight: the key under which it is quantized once. */
    private record Form(String name, String operator, boolean transposed, float factor) {}

    /**
     * The second factor of a product, inputs by outputs.
     *
     * @param transposed whether the weight is outputs by inputs
     * @param factor what to multiply the scale with
     */
    Weight matrix(Node node, boolean transposed, float factor, GraphDraft draft) {
        return once(new Form(node.input(1), "product", transposed, factor), draft, (tensor, owner) -> {
            int outputs = transposed ? 0 : tensor.rank() - 1;
            StoredBytes stored = quantize(node, 1, ChannelScales.along(perChannel ? outputs : -1, tensor, largest));
            stored = transposed ? stored.transposed() : stored;
            return store(node.input(1), stored, stored.scale(factor, stored.scales().length), type, owner);
        });
    }

    /** The kernel of a convolution; ONNX Runtime runs those of unsigned bytes only. */
    Weight kernel(Node node, GraphDraft draft) {
        return once(new Form(node.input(1), "kernel", false, 1), draft, (tensor, owner) -> {
            ChannelScales channels = ChannelScales.along(perChannel ? 0 : -1, tensor, largest);
            StoredBytes stored = checked(node, 1, channels, ByteType.UINT8);
            long[] shape = new long[tensor.rank() - 1];
            Arrays.fill(shape, 1);
            shape[0] = stored.scales().length;
            return store(node.input(1), stored, stored.scale(1, shape), ByteType.UINT8, owner);
        });
    }

    /** A table whose rows are picked; each column has a scale of its own, since there are few of them. */
    Weight table(Node node, GraphDraft draft) {
        return once(new Form(node.input(0), "table", false, 1), draft, (tensor, owner) -> {
            ChannelScales columns = ChannelScales.along(perChannel ? 1 : -1, tensor, ChannelScales.LARGEST);
            StoredBytes stored = checked(node, 0, columns, ByteType.INT8);
            return store(node.input(0), stored, stored.scale(1, stored.scales().length), ByteType.INT8, owner);
        });
    }

    /** A table whose rows are picked and that products take too: the bytes are those of products. */
    Weight table(Node node, int place, TiedTable tied, GraphDraft draft) {
        return once(new Form(tied.name(), "tied", perChannel && tied.byRows(), 1), draft, (tensor, owner) -> {
            StoredBytes stored =
                    quantize(node, place, ChannelScales.along(perChannel ? tied.axis() : -1, tensor, largest));
            return store(tied.name(), stored, stored.scale(1, stored.scales().length), type, owner);
        });
    }

    /** A weight of an LSTM: directions, inputs, outputs of all gates. */
    Weight recurrent(Node node, int place, GraphDraft draft) {
        return once(new Form(node.input(place), "LSTM", true, 1), draft, (tensor, owner) -> {
            int directions = Math.toIntExact(tensor.dim(0));
            int gates = Math.toIntExact(tensor.dim(1));
            long inputs = tensor.dim(2);
            int channels = perChannel ? directions * gates : directions;
            long inner = perChannel ? inputs : inputs * gates;
            StoredBytes stored = quantize(node, place, new ChannelScales(tensor, channels, inner, largest))
                    .transposed();
            long[] shape = perChannel ? new long[] {directions, gates} : new long[] {directions};
            Weight weight = store(node.input(place), stored, Tensor.ofFloats(stored.scales(), shape), type, owner);
            byte[] zeros = new byte[stored.scales().length];
            Arrays.fill(zeros, type == ByteType.INT8 ? 0 : StoredBytes.MIDDLE);
            String zero = owner.weight(
                    node.input(place) + ".zeros", Tensor.ofBytes(stored.bytes().type(), zeros, shape));
            return new Weight(weight.bytes(), weight.scale(), zero);
        });
    }

    private interface Maker {
        Weight make(Tensor tensor, GraphDraft owner);
    }

    private static Weight once(Form form, GraphDraft draft, Maker maker) {
        GraphDraft owner = draft.owner(form.name());
        return owner.once(form, Weight.class, () -> {
            owner.replaced(form.name());
            return maker.make(owner.constant(form.name()), owner);
        });
    }

    private StoredBytes quantize(Node node, int place, ChannelScales channels) {
        return checked(node, place, channels, type);
    }

    private static StoredBytes checked(Node node, int place, ChannelScales channels, ByteType type) {
        StoredBytes stored = StoredBytes.of(channels, type);
        for (float scale : stored.scales()) {
            if (!Float.isFinite(scale)) {
                String name = node.input(place);
                String layer = node.name().isEmpty() ? name : node.name();
                throw Quantizable.infinite(new LayerWeight(layer, node, name, channels.weight(), 0));
            }
        }
        return stored;
    }

    private static Weight store(String name, StoredBytes stored, Tensor scale, ByteType type, GraphDraft owner) {
        String bytes = owner.weight(name + (type == ByteType.INT8 ? ".int8" : ".uint8"), stored.bytes());
        String zero = type == ByteType.INT8 ? "" : middle(owner);
        return new Weight(bytes, owner.weight(name + ".scale", scale), zero);
    }

    /** The zero point of unsigned bytes, once for each graph. */
    static String middle(GraphDraft draft) {
        return draft.once(
                List.of("middle"),
                String.class,
                () -> draft.weight("uint8.middle", Tensor.ofBytes(ElementType.UINT8, new byte[] {StoredBytes.MIDDLE})));
    }
}
