package pomona.quantize;

import java.util.List;
import pomona.graph.Node;

/**
 * A value whose channels can be divided by factors before layers that are then multiplied with them, with nothing of the
 * network's outputs changed.
 *
 * @param value the value that the layers take
 * @param channels the number of channels; each stands for as many neighbouring inputs of the layers
 * @param takers the layers that take the value, all of them linear or convolutional
 * @param maker the layer or normalization whose result it is, with only scalable operators between
 * @param absorbers the weights that are divided
 */
record ChannelLink(String value, int channels, List<Node> takers, Node maker, List<ChannelScaling.Slot> absorbers) {}
