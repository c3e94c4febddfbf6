package pomona.quantize;

import java.util.Map;
import pomona.graph.ElementType;
import pomona.graph.Network;
import pomona.graph.Node;
import pomona.graph.Tensor;

/** Tells to which type and range a layer's input is quantized. */
final class InputQuantizer {

    private final Network network;
    private final Map<String, Node> producers;
    private final LayerTrace trace;

    InputQuantizer(Network network, LayerTrace trace) {
        this.network = network;
        this.producers = network.graph().producers();
        this.trace = trace;
    }

    /** The layer with what is known of its input. */
    QuantizedLayer describe(QuantizedLayer layer, LayerTrace.Found found, StoredWeight weight) {
        Node quantizer = found.quantizer();
        if (quantizer == null) {
            ElementType type = weight == null ? null : withoutQuantizer(weight);
            return type == null ? layer : layer.withActivation(type, type.bits());
        }
        Tensor scale = network.weights().get(quantizer.input(1));
        Tensor zero = network.weights().get(quantizer.input(2));
        if (scale == null || zero == null || scale.size() != 1 || !isFixed(quantizer.input(0))) {
            ElementType type = zero == null ? ElementType.UINT8 : zero.type();
            return layer.withActivation(type, type.bits());
        }
        return ranged(layer, quantizer, scale.toFloatArray()[0], zero);
    }

    /** Kernels that quantize what they take themselves, and networks of 16-bit floats. */
    private ElementType withoutQuantizer(StoredWeight weight) {
        Node product = weight.product();
        return switch (product.op()) {
            case "MatMulInteger", "ConvInteger", "DynamicQuantizeLSTM" -> ElementType.UINT8;
            case "MatMulNBits" -> product.integer("accuracy_level", 0) == 4 ? ElementType.INT8 : null;
            default -> isSixteenBits(weight) ? weight.type() : null;
        };
    }

    private boolean isSixteenBits(StoredWeight weight) {
        Tensor direct = network.weights().get(weight.direct());
        return direct != null && (direct.type() == ElementType.FLOAT16 || direct.type() == ElementType.BFLOAT16);
    }

    /** Whether only constants come between what the layer took before and the operator that quantizes it. */
    private boolean isFixed(String value) {
        Node maker = producers.get(value);
        if (trace.isKnown(value) || maker == null) {
            return true;
        }
        boolean constant = maker.inputs().stream()
                .skip(1)
                .allMatch(input -> input.isEmpty() || network.weights().containsKey(input));
        return constant && isFixed(maker.input(0));
    }

    /** Where integers are clipped to fewer levels than the type has, those that are left count. */
    private QuantizedLayer ranged(QuantizedLayer layer, Node quantizer, float step, Tensor zero) {
        int zeroPoint = (int) zero.toLongArray()[0];
        int bits = zero.type().bits();
        boolean signed = zero.type() == ElementType.INT8 || zero.type() == ElementType.INT16;
        long least = signed ? -(1L << bits - 1) : 0;
        long most = least + (1L << bits) - 1;
        if (zero.type() != ElementType.INT8
                && zero.type() != ElementType.UINT8
                && zero.type() != ElementType.INT16
                && zero.type() != ElementType.UINT16) {
            return layer.withRange(zero.type(), bits, Float.NaN, Float.NaN, step, zeroPoint);
        }
        float min = (least - zeroPoint) * step;
        float max = (most - zeroPoint) * step;
        Node clip = trace.levelCut(quantizer);
        Tensor largest = clip == null ? null : network.weights().get(clip.input(2));
        if (largest != null) {
            long levels = largest.toLongArray()[0] - least;
            max = (largest.toLongArray()[0] - zeroPoint) * step;
            bits = Long.SIZE - Long.numberOfLeadingZeros(Math.max(1, levels));
        }
        return layer.withRange(zero.type(), bits, min, max, step, zeroPoint);
    }
}
