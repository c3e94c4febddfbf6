package pomona.quantize;

import pomona.graph.ElementType;

/**
 * What quantization did to one layer.
 *
 * @param layer the layer's name
 * @param operator the layer's operator in the network of floats
 * @param weight the type that its weight is stored in; {@code FLOAT} where it was left as it was
 * @param activation the type that its input is quantized to, or null when it stays in float
 * @param min the smallest input that the integers represent; NaN when the range is not fixed beforehand
 * @param max the largest input that the integers represent; NaN when the range is not fixed beforehand
 * @param scale the step between neighbouring integers of the input; NaN when the range is not fixed beforehand
 * @param zeroPoint the integer that stands for an input of 0
 * @param sqnr the power of the layer's outputs over that of their error, in decibels, with all layers before it quantized
 *     too; infinite without error, NaN when it was not measured
 * @param bytesBefore the bytes of weight and bias in the network of floats
 * @param bytesAfter the bytes of weight and bias with all scales and zero points
 */
public record QuantizedLayer(
        String layer,
        String operator,
        ElementType weight,
        ElementType activation,
        float min,
        float max,
        float scale,
        int zeroPoint,
        double sqnr,
        long bytesBefore,
        long bytesAfter) {

    /** Whether the weight is stored in another type than it was. */
    public boolean isQuantized() {
        return weight != ElementType.FLOAT;
    }

    /** The same under another name. */
    QuantizedLayer named(String name) {
        return new QuantizedLayer(
                name, operator, weight, activation, min, max, scale, zeroPoint, sqnr, bytesBefore, bytesAfter);
    }
}
