/**
 * Reads TorchScript archives ({@code .pt}) without PyTorch: their named weights, and the code of traced models as networks.
 * Code is read as text and pickled data as data; nothing of an archive is ever executed. Start with
 * {@link pomona.torchscript.TorchScript}.
 */
package pomona.torchscript;
