/**
 * A neural network as plain Java data: an immutable graph of operators (ONNX semantics) with named weights. Start with
 * Network. This room imports nothing but the JDK.
 */
package pomona.graph;
