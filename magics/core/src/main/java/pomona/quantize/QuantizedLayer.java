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

    /** A layer whose input stays in float, and whose ratio was not measured. */
    static QuantizedLayer of(String layer, String operator, ElementType weight, long bytesBefore, long bytesAfter) {
        return new QuantizedLayer(
                layer, operator, weight, null, Float.NaN, Float.NaN, Float.NaN, 0, Double.NaN, bytesBefore, bytesAfter);
    }

    /** The same with an input that is quantized. */
    QuantizedLayer withActivation(ElementType type, float least, float most, float step, int zero) {
        return new QuantizedLayer(
                layer, operator, weight, type, least, most, step, zero, sqnr, bytesBefore, bytesAfter);
    }

    /** The same with a ratio that was measured. */
    QuantizedLayer withSqnr(double ratio) {
        return new QuantizedLayer(
                layer, operator, weight, activation, min, max, scale, zeroPoint, ratio, bytesBefore, bytesAfter);
    }

    /** Whether the weight is stored in another type than it was. */
    public boolean isQuantized() {
        return weight != ElementType.FLOAT;
    }
}
