/**
 * Measures networks: what one gets wrong on a data set, how large and how fast it is ({@link
 * pomona.evaluate.Evaluation}), and where its parameters and its work lie, layer by layer ({@link
 * pomona.evaluate.Profile}). Everything is measured on ONNX Runtime or counted from the graph; start with Evaluation.
 */
package pomona.evaluate;
