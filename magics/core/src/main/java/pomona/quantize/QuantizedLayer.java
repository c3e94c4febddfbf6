package pomona.quantize;

import pomona.graph.ElementType;

/**
 * What quantization did to one layer.
 *
 * @param layer the layer's name
 * @param operator the layer's operator in the network of floats
 * @param weight the type that its weight is stored in, of several elements in a byte theirs; {@code FLOAT} where it was
 *     left as it was
 * @param code how what is stored stands for the weight's numbers
 * @param activation the type that its input is turned into, or null when it stays in 32-bit floats
 * @param activationBits the bits that the integers of its input use, which may be fewer than those of their type
 * @param min the smallest input that the integers represent; NaN when the range is not fixed beforehand
 * @param max the largest input that the integers represent; NaN when the range is not fixed beforehand
 * @param scale the step between neighbouring integers of the input; NaN when the range is not fixed beforehand
 * @param zeroPoint the integer that stands for an input of 0
 * @param sqnr the power of the layer's outputs over that of their error, in decibels, with all layers before it quantized
 *     too; infinite without error, NaN when it was not measured or can not be known
 * @param bytesBefore the bytes of weight and bias in the network of floats; of what several layers share, in the first
 * @param bytesAfter the bytes of weight and bias with all scales and zero points; of what several layers share, in the first
 */
public record QuantizedLayer(
        String layer,
        String operator,
        ElementType weight,
        WeightCode code,
        ElementType activation,
        int activationBits,
        float min,
        float max,
        float scale,
        int zeroPoint,
        double sqnr,
        long bytesBefore,
        long bytesAfter) {

    /** A layer whose input stays in float, and whose ratio was not measured. */
    static QuantizedLayer of(
            String layer, String operator, ElementType weight, WeightCode code, long bytesBefore, long bytesAfter) {
        return new QuantizedLayer(
                layer,
                operator,
                weight,
                code,
                null,
                0,
                Float.NaN,
                Float.NaN,
                Float.NaN,
                0,
                Double.NaN,
                bytesBefore,
                bytesAfter);
    }

    /** The same with an input that is quantized while the network runs, or of another type of floats. */
    QuantizedLayer withActivation(ElementType type, int bits) {
        return withRange(type, bits, Float.NaN, Float.NaN, Float.NaN, 0);
    }

    /** The same with an input that is quantized in a range. */
    QuantizedLayer withRange(ElementType type, int bits, float least, float most, float step, int zero) {
        return new QuantizedLayer(
                layer, operator, weight, code, type, bits, least, most, step, zero, sqnr, bytesBefore, bytesAfter);
    }

    /** The same with a ratio that was measured. */
    QuantizedLayer withSqnr(double ratio) {
        return new QuantizedLayer(
                layer,
                operator,
                weight,
                code,
                activation,
                activationBits,
                min,
                max,
                scale,
                zeroPoint,
                ratio,
                bytesBefore,
                bytesAfter);
    }

    /** The same whose numbers stand for the weight's in another way. */
    QuantizedLayer withCode(WeightCode newCode) {
        return new QuantizedLayer(
                layer,
                operator,
                weight,
                newCode,
                activation,
                activationBits,
                min,
                max,
                scale,
                zeroPoint,
                sqnr,
                bytesBefore,
                bytesAfter);
    }

    /** The same under another name. */
    QuantizedLayer named(String name) {
        return new QuantizedLayer(
                name,
                operator,
                weight,
                code,
                activation,
                activationBits,
                min,
                max,
                scale,
                zeroPoint,
                sqnr,
                bytesBefore,
                bytesAfter);
    }

    /** Whether the weight is stored in another type than it was. */
    public boolean isQuantized() {
        return weight != ElementType.FLOAT;
    }

    /**
     * How the layer computes: {@code static} with integers in a fixed range, {@code dynamic} with integers whose range is
     * taken while it runs, {@code float16} or {@code bfloat16}, or {@code float}; then a weight that is stored in another way
     * is one of {@code weight-only} or {@code weight-sharing}.
     */
    public String scheme() {
        if (activation != null && activation.isFloating()) {
            return activation.name().toLowerCase(java.util.Locale.ROOT);
        }
        if (activation != null) {
            return Float.isNaN(scale) ? "dynamic" : "static";
        }
        return !isQuantized() ? "float" : code.codebook() > 0 ? "weight-sharing" : "weight-only";
    }
}
