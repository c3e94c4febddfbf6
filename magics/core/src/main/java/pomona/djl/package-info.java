/**
 * Where networks meet DJL and its engines: DJL blocks and models become networks (Djl), a network
 * becomes a trainable block on PyTorch (NetworkBlock), and a network runs on ONNX Runtime ({@link
 * pomona.djl.RuntimeSession}). The only room that knows DJL's engines; start with Djl.
 */
package pomona.djl;
