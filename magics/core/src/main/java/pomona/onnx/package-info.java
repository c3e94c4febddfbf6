/**
 * Networks in ONNX files: reading and writing {@code .onnx} and {@code .onnx.xz}, with external data, and without
 * loss of what this library does not model. Start with {@link pomona.onnx.Onnx}. No other room sees protobuf.
 */
package pomona.onnx;
