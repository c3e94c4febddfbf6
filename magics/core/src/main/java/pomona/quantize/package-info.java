/**
 * Makes networks of 8-bit integers out of networks of floats, one technique a file. Start with {@link
 * pomona.quantize.DynamicQuantization}, which needs no data; {@link pomona.quantize.StaticQuantization} measures
 * activations on data first and is faster to run; {@link pomona.quantize.WeightOnlyQuantization} makes the file
 * smaller and leaves activations alone, as do {@link pomona.quantize.GptqQuantization}, {@link
 * pomona.quantize.AwqQuantization} and {@link pomona.quantize.HqqQuantization}, which round more carefully, and {@link
 * pomona.quantize.Float16Quantization}, which keeps floats, of 16 bits. {@link
 * pomona.quantize.WeightSharingQuantization} makes the smallest files: it lets
 * the weights of a layer share few values, stored as IndexStorage says. How a weight becomes integers is in QuantizedWeight.
 */
@Techniques(
        ending = "Quantization",
        otherWords = {"scheme=method", "method=calibration", "calibrate=data"},
        value = {
            DynamicQuantization.class,
            StaticQuantization.class,
            WeightOnlyQuantization.class,
            GptqQuantization.class,
            HqqQuantization.class,
            AwqQuantization.class,
            Float16Quantization.class,
            Bfloat16Quantization.class,
            CrossLayerEqualization.class,
            SmoothQuant.class,
            GeluApproximation.class,
            AdaptiveRounding.class,
            BiasCorrection.class,
            MixedPrecisionQuantization.class,
            QuantizationAwareTraining.class,
            WeightSharingQuantization.class,
            TernaryQuantization.class,
            BinaryQuantization.class,
            ClampQuantization.class
        })
package pomona.quantize;

import pomona.pass.Techniques;
