package pomona.quantize;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import pomona.graph.ElementType;
import pomona.graph.Tensor;

/** The integers that activations become. */
public enum ActivationType {
    /** 0 to 255; what ONNX Runtime runs fastest on x86. */
    UINT8(ElementType.UINT8, 0, 255, 10),
    /** -128 to 127, which some accelerators ask for; ONNX Runtime on x86 computes such convolutions in floats. */
    INT8(ElementType.INT8, -128, 127, 10),
    /** 0 to 65535: next to exact, but ONNX Runtime computes such layers in floats. Needs operator set 21. */
    UINT16(ElementType.UINT16, 0, 65535, 21),
    /** -32768 to 32767; see {@link #UINT16}. */
    INT16(ElementType.INT16, -32768, 32767, 21);

    private final ElementType element;
    private final int smallest;
    private final int largest;
    private final long opset;

    ActivationType(ElementType element, int smallest, int largest, long opset) {
        this.element = element;
        this.smallest = smallest;
        this.largest = largest;
        this.opset = opset;
    }

    ElementType element() {
        return element;
    }

    int smallest() {
        return smallest;
    }

    int largest() {
        return largest;
    }

    /** How many steps lie between the smallest and the largest. */
    int steps() {
        return largest - smallest;
    }

    /** The first operator set whose QuantizeLinear gives this type. */
    long opset() {
        return opset;
    }

    /** Whether it has 16 bits. */
    boolean isWide() {
        return element.bits() == 16;
    }

    /** The type of 16 bits with the same sign. */
    ActivationType wide() {
        return smallest < 0 ? INT16 : UINT16;
    }

    /** One integer of this type without dimensions. */
    Tensor scalar(int value) {
        ByteBuffer bytes = ByteBuffer.allocate(element.bits() / 8).order(ByteOrder.LITTLE_ENDIAN);
        if (element.bits() == 8) {
            bytes.put((byte) value);
        } else {
            bytes.putShort((short) value);
        }
        return Tensor.of(element, bytes.flip());
    }
}
