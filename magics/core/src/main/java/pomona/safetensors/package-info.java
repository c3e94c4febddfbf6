/**
 * Reads and writes named weights as safetensors files, one or several, mapped into memory. Start with
 * {@link pomona.safetensors.SafeTensors}; a network takes the weights with {@code withWeights}.
 */
package pomona.safetensors;
