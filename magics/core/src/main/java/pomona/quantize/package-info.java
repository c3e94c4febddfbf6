/**
 * Makes networks of 8-bit integers out of networks of floats, one technique a file. Start with {@link
 * pomona.quantize.DynamicQuantization}, which needs no data; {@link pomona.quantize.StaticQuantization} measures
 * activations on data first and is faster to run; {@link pomona.quantize.WeightOnlyQuantization} makes the file
 * smaller and leaves activations alone. How a weight becomes integers is in QuantizedWeight.
 */
@Techniques(
        ending = "Quantization",
        value = {
            DynamicQuantization.class,
            StaticQuantization.class,
            WeightOnlyQuantization.class,
            CrossLayerEqualization.class,
            SmoothQuant.class,
            QuantizationAwareTraining.class
        })
package pomona.quantize;

import pomona.pass.Techniques;
