/**
 * Makes networks of 8-bit integers out of networks of floats, one technique a file. Start with {@link
 * pomona.quantize.DynamicQuantization}, which needs no data; {@link pomona.quantize.StaticQuantization} measures
 * activations on data first and is faster to run. How a weight becomes integers is in QuantizedWeight.
 */
@Techniques(
        ending = "Quantization",
        value = {DynamicQuantization.class, StaticQuantization.class})
package pomona.quantize;

import pomona.pass.Techniques;
