/**
 * What the layers of a network take and what that says of their weights, measured on data: what pruning and quantization
 * by second-order statistics share. Start with {@link pomona.calibrate.LayerInput}, the matrix that a layer's weights are
 * multiplied with, and {@link pomona.calibrate.WeightInputs}, those of all layers that share a weight; {@link pomona.calibrate.LayerHessians} gathers the Hessians of many layers in bounded memory, and {@link
 * pomona.calibrate.InverseFactor} factors their inverses. {@link pomona.calibrate.LinearLayer} reads a layer as what each
 * input channel adds to each output channel.
 */
package pomona.calibrate;
